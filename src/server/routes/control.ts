/** Routes that act on the agent itself. */
import type { Route } from '../route.ts';

export interface AgentControl {
  /**
   * Reads the configuration again and puts it to use.
   *
   * @returns what has changed
   * @throws RefusedRequest with the problems; then nothing has changed
   */
  reload(): Promise<ReloadAnswer>;
  /** Begins to stop, after the answer is on its way. */
  stop(): StopAnswer;
}

/** `POST /api/v1/reload`. Lists are empty if the configuration has not changed. */
export interface ReloadAnswer {
  /** Of the configuration; empty for the built-in default. */
  readonly files: readonly string[];
  readonly changed: readonly string[];
  readonly started: readonly string[];
  readonly stopped: readonly string[];
  /** healthd was replaced while it ran. */
  readonly warning?: string;
}

/** `POST /api/v1/stop`. */
export interface StopAnswer {
  readonly pid: number;
  /** By when it has ended, ms from now. */
  readonly within: number;
}

export function controlRoutes(control: AgentControl): readonly Route[] {
  return [
    { method: 'POST', path: '/api/v1/reload', scope: 'act', handle: () => control.reload() },
    { method: 'POST', path: '/api/v1/stop', scope: 'act', handle: () => Promise.resolve(control.stop()) },
  ];
}
