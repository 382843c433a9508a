/** From the first viewer to the last: inputs of the live view's own, and the points of the last minutes. */
import { milliseconds, type Clock } from '../core/clock.ts';
import { describeError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { OpenContext } from '../host/context.ts';
import type { PluginEntry } from '../host/entry.ts';
import type { Metric, Tags } from '../metric/metric.ts';
import type { Plugin } from '../plugin/index.ts';

import { noGathers } from './counters.ts';
import type { InputEntry } from './entry.ts';
import { InputRunner } from './input-runner.ts';
import { LIVE_INTERVAL_MS } from './live-inputs.ts';
import type { LivePoints } from './live.ts';
import type { Timetable } from './timetable.ts';
import type { TakeTurn } from './turns.ts';

export interface LiveSessionOptions {
  readonly contextOf: (entry: PluginEntry<Plugin>) => OpenContext;
  readonly globalTags: () => Tags;
  readonly timetable: Timetable;
  readonly takeTurn: TakeTurn;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly onPoints: (points: LivePoints) => void;
  /** At each second. @param at ms since the Unix epoch */
  readonly onSecond: (at: number) => void;
}

/** Points of inputs that have not ended by then come with the next second. */
const COLLECT_MS = 150;

/** More are left out, so that a host of a thousand containers does not fill memory. */
const MOST_FIELDS = 5000;

export class LiveSession {
  readonly #options: LiveSessionOptions;
  readonly #stopped = new AbortController();
  #runners: readonly InputRunner[] = [];
  #endTicks: () => void = () => undefined;
  #cancelCollect: () => void = () => undefined;
  #metrics: Metric[] = [];
  #fields = 0;

  constructor(options: LiveSessionOptions) {
    this.#options = options;
  }

  /** An input that cannot be made is left out. */
  async start(entries: readonly InputEntry[]): Promise<void> {
    const made = await Promise.all(entries.map((entry) => this.#make(entry)));
    this.#runners = made.flatMap((runner) => runner ?? []);
    if (this.#stopped.signal.aborted) {
      await this.#release(AbortSignal.abort());
      return;
    }
    for (const runner of this.#runners) runner.start();
    const { timetable } = this.#options;
    this.#endTicks = timetable.start({ interval: LIVE_INTERVAL_MS, jitter: 0, offset: 0 }, (time) => {
      this.#tick(milliseconds(time));
    });
  }

  /** Never throws. @param signal aborts the wait for gathers that still run */
  async stop(signal: AbortSignal): Promise<void> {
    this.#stopped.abort();
    this.#endTicks();
    this.#cancelCollect();
    await this.#release(signal);
  }

  async #release(signal: AbortSignal): Promise<void> {
    const runners = this.#runners;
    this.#runners = [];
    const ends = await Promise.allSettled(runners.map((runner) => runner.stop(signal)));
    for (const end of ends) {
      if (end.status === 'rejected') this.#options.log.debug(`Live view: ${describeError(end.reason)}`);
    }
  }

  async #make(entry: InputEntry): Promise<InputRunner | undefined> {
    const { contextOf, globalTags, timetable, takeTurn, random, log } = this.#options;
    const context = { ...contextOf(entry), log: quiet(log, entry.alias) };
    const push = (metric: Metric) => {
      this.#take(metric);
    };
    const shared = { globalTags, timetable, takeTurn, random, push };
    try {
      return await InputRunner.create({ ...shared, entry, context, isScheduled: true, counters: noGathers() });
    } catch (error) {
      context.host.close();
      context.log.debug(describeError(error));
      return undefined;
    }
  }

  #tick(at: number): void {
    const { clock, onPoints, onSecond } = this.#options;
    onSecond(at);
    this.#cancelCollect();
    this.#cancelCollect = clock.after(COLLECT_MS, () => {
      const metrics = this.#metrics;
      this.#metrics = [];
      this.#fields = 0;
      if (metrics.length > 0) onPoints({ at, metrics });
    });
  }

  #take(metric: Metric): void {
    this.#fields += Object.keys(metric.fields).length;
    if (this.#fields <= MOST_FIELDS) this.#metrics.push(metric);
  }
}

/** The configured inputs report the same faults at their own level. */
function quiet(log: Logger, alias: string): Logger {
  const debug: Logger['debug'] = (message, meta) => {
    log.debug(`Live view of ${alias}: ${message}`, meta);
  };
  return { error: debug, warn: debug, info: debug, debug };
}
