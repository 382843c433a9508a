/** What may be done to the agent itself. */
import type { ReloadAnswer, StopAnswer } from '../api/control.ts';

export interface AgentControl {
  /**
   * Reads the configuration again and puts it to use.
   *
   * @throws RefusedRequest with the problems; then nothing has changed
   */
  reload(): Promise<ReloadAnswer>;
  /** Begins to stop, after the answer is on its way. */
  stop(): StopAnswer;
}
