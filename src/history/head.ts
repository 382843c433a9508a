/** The samples that are not stored yet: for each series set and hour, in memory. Bounded by the number of sets and by bytes. */
import type { Metric } from '../metric/metric.ts';
import { SeriesCache } from '../metric/series.ts';
import { HeadSet } from './head-set.ts';
import type { Samples } from './samples.ts';
import { keyOf, setOf, type SeriesSet } from './series-set.ts';
import type { SetLimit } from './set-limit.ts';
import { HOUR_MS, startOf, toMs } from './spans.ts';

/** The samples of one set in one hour. */
export interface HeadHour {
  readonly set: SeriesSet;
  /** Start of the hour, ms since the Unix epoch. */
  readonly hour: number;
  /** In the order of time. */
  readonly samples: Samples;
}

interface HeadSeries {
  readonly set: SeriesSet;
  readonly hours: Map<number, HeadSet>;
}

export class Head {
  readonly #limit: SetLimit;
  /** By the key of the set. */
  readonly #series = new Map<string, HeadSeries>();
  /** Of each host: finds the set of a metric without making its key. */
  readonly #keys = new Map<string, SeriesCache<string>>();

  constructor(limit: SetLimit) {
    this.#limit = limit;
  }

  /** Approximate memory, bytes. Takes a while: not for every sample. */
  get bytes(): number {
    let sum = 0;
    for (const { hours } of this.#series.values()) for (const rows of hours.values()) sum += rows.bytes;
    return sum;
  }

  /** @returns false if the set is refused */
  add(metric: Metric, host: string): boolean {
    const key = this.#keyOf(metric, host);
    let series = this.#series.get(key);
    if (series === undefined) {
      if (!this.#limit.admits(host, key)) return false;
      series = { set: setOf(metric, host), hours: new Map() };
      this.#series.set(key, series);
    }
    const hour = startOf(toMs(metric.time), HOUR_MS);
    const rows = series.hours.get(hour) ?? new HeadSet();
    if (rows.add(metric) > 0) series.hours.set(hour, rows);
    return true;
  }

  /** What is there of one set, by hour, not in order. */
  hoursOf(set: SeriesSet): readonly HeadHour[] {
    const series = this.#series.get(keyOf(set));
    return series === undefined
      ? []
      : [...series.hours].map(([hour, rows]) => ({ set, hour, samples: rows.samples() }));
  }

  /** Hours that begin before a time, each removed when the next one is asked for: a failure keeps it. */
  *drain(before: number): Generator<HeadHour> {
    for (const [key, { set, hours }] of this.#series) {
      for (const [hour, rows] of hours) {
        if (hour >= before) continue;
        yield { set, hour, samples: rows.samples() };
        hours.delete(hour);
      }
      if (hours.size === 0) this.#series.delete(key);
    }
  }

  sets(): readonly SeriesSet[] {
    return [...this.#series.values()].map(({ set }) => set);
  }

  forgetHost(host: string): void {
    this.#keys.delete(host);
    for (const [key, { set }] of this.#series) if (set.host === host) this.#series.delete(key);
  }

  #keyOf({ name, tags }: Metric, host: string): string {
    const keys = this.#keys.get(host) ?? new SeriesCache((each, of) => keyOf({ host, name: each, tags: of }));
    this.#keys.set(host, keys);
    return keys.get(name, tags);
  }
}
