/** The host's side of one input: schedule, deadline, tags, filter, counting, and restart of streams. */
import type { InputEntry } from './entry.ts';
import { backoffMs } from '../core/backoff.ts';
import { milliseconds, nanoseconds, pause, type Clock } from '../core/clock.ts';
import { formatDuration } from '../core/duration.ts';
import { compileFilter } from '../metric/filter.ts';
import type { Metric, Tags } from '../metric/metric.ts';
import type { Accumulator, ContextTable, Input, Logger, StreamInput } from '../plugin/index.ts';

import { createAccumulator } from './accumulator.ts';
import type { GatherCounters } from './counters.ts';
import type { InputStatus } from './input-status.ts';
import { Mistakes } from './mistakes.ts';
import { Deadline, settledOrAborted } from '../host/deadline.ts';
import { createInstance } from '../host/create-instance.ts';
import { FailureLog } from '../host/failure-log.ts';
import type { OpenContext } from '../host/context.ts';
import type { Running } from '../host/instances.ts';
import type { Timetable } from './timetable.ts';
import type { TakeTurn } from './turns.ts';

export interface InputRunnerOptions {
  readonly entry: InputEntry;
  readonly context: OpenContext;
  /** Otherwise only `gatherNow` gathers. */
  readonly isScheduled: boolean;
  /** Called for each metric, because a reload may change them. */
  readonly globalTags: () => Tags;
  readonly counters: GatherCounters;
  readonly push: (metric: Metric) => void;
  readonly random: () => number;
  readonly timetable: Timetable;
  readonly takeTurn: TakeTurn;
}

/** Maximum points of one gather. The rest is dropped, so that a runaway plugin does not crowd out the others. */
const MOST_POINTS = 100_000;

/** Backoff before a stream that ended or failed is restarted. */
const STREAM_RESTART = { minMs: 1000, maxMs: 60_000 };

export class InputRunner implements Running<InputEntry> {
  readonly entry: InputEntry;
  readonly #options: InputRunnerOptions;
  readonly #input: Partial<Input & StreamInput>;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #failures: FailureLog;
  readonly #mistakes: Mistakes;
  readonly #gathered: Accumulator;
  readonly #streamed: Accumulator;
  readonly #stopped = new AbortController();
  #endSchedule: () => void = () => undefined;
  #stream: Promise<void> | undefined;
  #deadline: Deadline | undefined;
  #time = 0n;
  #points = 0;
  #running: Promise<void> | undefined;
  /** Of the gather that was started last. */
  #gathering: AbortSignal | undefined;
  #hasSkipped = false;
  /** Until a gather works and ends before its next tick. */
  #reportedStuck = false;
  /** Start of the running gather, on the clock's `elapsed`. */
  #startedAt = 0;
  #failed = false;
  /** Scheduled time of the last gather that has ended, ms since the Unix epoch. */
  #lastAt: number | undefined;

  /** @throws whatever the plugin's `create` throws: options that the schema cannot check */
  static async create(options: InputRunnerOptions): Promise<InputRunner> {
    const { entry, context } = options;
    return new InputRunner(options, await createInstance(entry, context));
  }

  private constructor(options: InputRunnerOptions, input: Input | StreamInput) {
    this.entry = options.entry;
    this.#options = options;
    this.#input = input;
    this.#log = options.context.log;
    this.#clock = options.context.clock;
    this.#failures = new FailureLog(this.#log, this.#clock, this.entry.file);
    this.#mistakes = new Mistakes((text) => {
      this.#log.warn(text);
    });
    const push = this.#filteredPush();
    const onGathered = (metric: Metric) => {
      this.#points += 1;
      if (this.#points <= MOST_POINTS) push(metric);
      else if (this.#points === MOST_POINTS + 1)
        this.#report(new Error(`more than ${MOST_POINTS} points in one gather; the rest is left out`));
    };
    const onError = (error: unknown) => {
      this.#report(error);
    };
    // A timeout is reported already, and what it aborts fails because of it.
    const onGatherError = (error: unknown) => {
      if (this.#gathering?.aborted !== true) this.#report(error);
    };
    this.#gathered = this.#accumulator(onGathered, onGatherError, () => this.#time);
    this.#streamed = this.#accumulator(push, onError, () => nanoseconds(this.#clock.now()));
  }

  get status(): InputStatus {
    const { alias, plugin, interval } = this.entry;
    const { metrics_gathered, gather_errors, gather_timeouts, gather_time_ns } = this.#options.counters;
    return {
      alias,
      plugin: plugin.name,
      intervalMs: interval,
      lastAt: this.#lastAt ?? null,
      lastMs: this.#lastAt === undefined ? null : gather_time_ns / 1e6,
      metrics: metrics_gathered,
      errors: gather_errors + gather_timeouts,
      error: this.#failures.trouble,
    };
  }

  start(): void {
    if (!this.#options.isScheduled) return;
    if (this.#input.gather !== undefined) {
      const tick = (time: bigint) => {
        this.#options.takeTurn(() => {
          if (!this.#stopped.signal.aborted) this.#tick(time);
        });
      };
      this.#endSchedule = this.#options.timetable.start(this.entry, tick);
    }
    if (this.#input.run !== undefined) this.#stream = this.#runStream(this.#stopped.signal);
  }

  /**
   * Gathers once, outside the schedule; resolves when the gather has ended or its deadline has passed.
   *
   * @returns whether all went well
   */
  async gatherNow(): Promise<boolean> {
    this.#tick(nanoseconds(this.#clock.now()));
    const expired = new AbortController();
    const grace = pause(this.#clock, this.entry.timeout + 100, expired.signal);
    await Promise.race([this.#running, grace]);
    expired.abort();
    return !this.#failed;
  }

  /** What the input knows of the object of an alert on one of its measurements. */
  async explain(measurement: string, tags: Tags, signal: AbortSignal): Promise<readonly ContextTable[]> {
    if (!Object.hasOwn(this.entry.plugin.metrics, measurement)) return [];
    return (await this.#input.explain?.(tags, signal)) ?? [];
  }

  /** Ends schedule and stream, and waits for a running gather until the signal aborts. */
  async stop(signal: AbortSignal): Promise<void> {
    this.#endSchedule();
    this.#stopped.abort(new DOMException('The agent stops', 'AbortError'));
    await settledOrAborted(Promise.allSettled([this.#stream, this.#running]), signal);
    try {
      await this.#input.stop?.();
    } finally {
      this.#options.context.host.close();
    }
  }

  #tick(time: bigint): void {
    if (this.#running !== undefined) {
      this.#skip();
      return;
    }
    this.#time = time;
    this.#points = 0;
    this.#failed = false;
    const started = this.#clock.elapsed();
    // A synchronous gather leaves its unused deadline to the next one.
    const deadline = (this.#deadline ??= this.#newDeadline());
    this.#gathering = deadline.signal;
    this.#hasSkipped = false;
    try {
      const gathering = this.#input.gather?.(this.#gathered, deadline.signal);
      if (gathering === undefined) this.#ended(started);
      else {
        this.#deadline = undefined;
        this.#startedAt = started;
        this.#running = this.#await(gathering, started, deadline);
      }
    } catch (error) {
      this.#report(error);
      this.#ended(started);
    }
  }

  #newDeadline(): Deadline {
    return new Deadline({
      timeout: this.entry.timeout,
      what: 'The gather did not end',
      clock: this.#clock,
      parent: this.#stopped.signal,
      onExpired: (reason) => {
        this.#options.counters.gather_timeouts += 1;
        this.#failed = true;
        this.#failures.failed('Gather failed', reason);
      },
    });
  }

  async #await(gathering: Promise<void>, started: number, deadline: Deadline): Promise<void> {
    try {
      await deadline.guard(gathering);
    } catch (error) {
      // An error after an abort is no failure of the plugin, and a timeout is reported already.
      if (!deadline.signal.aborted) this.#report(error);
    } finally {
      this.#running = undefined;
      this.#ended(started);
    }
  }

  #ended(started: number): void {
    this.#lastAt = milliseconds(this.#time);
    this.#options.counters.gather_time_ns = Math.round((this.#clock.elapsed() - started) * 1e6);
    if (this.#failed || this.#stopped.signal.aborted) return;
    this.#failures.succeeded('Gathering works');
    if (!this.#hasSkipped) this.#reportedStuck = false;
  }

  #report(error: unknown): void {
    this.#options.counters.gather_errors += 1;
    this.#failed = true;
    this.#failures.failed('Gather failed', error);
  }

  #skip(): void {
    this.#options.counters.gather_skipped += 1;
    // The first gather starts at once, off the grid; ticks come a few milliseconds early or late.
    const hasJustBegun = this.#clock.elapsed() - this.#startedAt < 0.9 * this.entry.interval;
    if (hasJustBegun) return;
    this.#hasSkipped = true;
    if (this.#reportedStuck) return;
    this.#reportedStuck = true;
    this.#log.warn('The previous gather has not ended; ticks are skipped until it does', {
      interval: formatDuration(this.entry.interval),
    });
  }

  async #runStream(signal: AbortSignal): Promise<void> {
    for (let failures = 1; !signal.aborted; failures += 1) {
      const started = this.#clock.elapsed();
      await this.#runStreamOnce(signal);
      if (this.#clock.elapsed() - started > STREAM_RESTART.maxMs) failures = 1;
      await pause(this.#clock, backoffMs(failures, STREAM_RESTART, this.#options.random()), signal);
    }
  }

  async #runStreamOnce(signal: AbortSignal): Promise<void> {
    try {
      await this.#input.run?.(this.#streamed, signal);
      if (!signal.aborted) this.#report(new Error('the stream ended by itself'));
    } catch (error) {
      if (!signal.aborted) this.#report(error);
    }
  }

  #accumulator(onMetric: (metric: Metric) => void, onError: (error: unknown) => void, time: () => bigint): Accumulator {
    const { entry, globalTags } = this.#options;
    return createAccumulator(
      {
        metrics: entry.plugin.metrics,
        entryTags: entry.tags,
        globalTags,
        onMetric,
        onError,
        mistakes: this.#mistakes,
      },
      time,
    );
  }

  #filteredPush(): (metric: Metric) => void {
    const { entry, counters, push } = this.#options;
    const filter = compileFilter(entry.filter);
    return (metric) => {
      const kept = filter === undefined ? metric : filter.apply(metric);
      if (kept === undefined) return;
      counters.metrics_gathered += 1;
      push(kept);
    };
  }
}
