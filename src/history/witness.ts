/** What the history keeps besides samples: every 10 s the processes that use most, and events. */
import type { Clock } from '../core/clock.ts';
import { describeError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { ProcessCapture } from '../host/processes/capture.ts';
import type { Metric } from '../metric/metric.ts';
import type { AgentEvents, Host, RunProgram } from '../plugin/index.ts';
import type { HistoryEvent, ProcessFrame } from './access.ts';
import { EventSources } from './events/event-sources.ts';

const FRAMES_MS = 10_000;

export interface WitnessSources {
  readonly host: Host;
  readonly run: RunProgram;
  readonly version: string;
  readonly openProcesses: () => Pick<ProcessCapture, 'captureInSlices' | 'close'>;
  readonly onAlertEvent: AgentEvents['onAlertEvent'];
}

export interface WitnessOptions extends WitnessSources {
  readonly clock: Clock;
  readonly log: Logger;
  readonly addEvent: (event: HistoryEvent) => void;
  readonly addFrame: (frame: ProcessFrame) => void;
}

export class Witness {
  readonly #options: WitnessOptions;
  readonly #events: EventSources;
  readonly #stopped = new AbortController();
  #endAudit: () => void = () => undefined;
  #isStarted = false;

  constructor(options: WitnessOptions) {
    this.#options = options;
    this.#events = new EventSources(options);
  }

  /** Also called when the thread was started again. */
  start(): void {
    if (this.#isStarted || this.#stopped.signal.aborted) return;
    this.#isStarted = true;
    this.#events.start();
    this.#endAudit = this.#options.onAlertEvent((entry) => {
      this.#events.audit(entry);
    });
    void this.#captureFrames();
  }

  observe(metric: Metric): void {
    if (this.#isStarted) this.#events.observe(metric);
  }

  reloaded(): void {
    if (this.#isStarted) this.#events.reloaded();
  }

  stop(): void {
    if (this.#isStarted) this.#events.stop();
    this.#endAudit();
    this.#stopped.abort();
  }

  async #captureFrames(): Promise<void> {
    const { openProcesses, host, clock, log, addFrame } = this.#options;
    if (host.platform !== 'linux') return;
    const processes = openProcesses();
    const { signal } = this.#stopped;
    try {
      for (;;) {
        const frame = await processes.captureInSlices(signal);
        if (frame !== undefined) addFrame(frame);
        await clock.sleep(FRAMES_MS - (clock.now() % FRAMES_MS), signal);
      }
    } catch (error) {
      if (!signal.aborted) log.warn(`Processes are not recorded any more: ${describeError(error)}`);
    } finally {
      processes.close();
    }
  }
}
