/** The samples that are not stored yet: for each series set and hour, in memory. Bounded by the number of sets and by bytes. */
import type { Metric } from '../metric/metric.ts';
import { SeriesCache } from '../metric/series.ts';
import { HeadSet, type HeadShape } from './head-set.ts';
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

interface KeyedSet {
  readonly key: string;
  readonly set: SeriesSet;
}

export class Head {
  readonly #limit: SetLimit;
  #ownNames: ReadonlySet<string> = new Set();
  /** By the key of the set. */
  readonly #series = new Map<string, HeadSeries>();
  /** Of each host: finds the set of a metric without making its key. */
  readonly #keys = new Map<string, SeriesCache<KeyedSet>>();
  /** Samples of one gather share their time: that of the last one, ns, and its hour. */
  #time = 0n;
  #hour = 0;

  constructor(limit: SetLimit) {
    this.#limit = limit;
  }

  /** Approximate memory, bytes. Takes a while: not for every sample. */
  get bytes(): number {
    let sum = 0;
    for (const { hours } of this.#series.values()) for (const rows of hours.values()) sum += rows.bytes;
    return sum;
  }

  /** Values of the tag `host` that mean the agent's own host. */
  get ownNames(): ReadonlySet<string> {
    return this.#ownNames;
  }

  set ownNames(names: ReadonlySet<string>) {
    this.#ownNames = names;
    this.#keys.clear();
  }

  /** @returns the start of the hour that it is in, ms; undefined if the set is refused */
  add(metric: Metric, host: string): number | undefined {
    const { key, set } = this.#keyed(metric, host);
    const known = this.#series.get(key);
    if (known === undefined && !this.#limit.admits(host, key)) return undefined;
    const series = known ?? { set, hours: new Map<number, HeadSet>() };
    const hour = this.#hourOf(metric.time);
    const rows = series.hours.get(hour) ?? new HeadSet();
    if (rows.add(metric) > 0) {
      series.hours.set(hour, rows);
      if (known === undefined) this.#series.set(key, series);
    }
    return hour;
  }

  /** What is there of one set, by hour, not in order. */
  hoursOf(set: SeriesSet): readonly HeadHour[] {
    const series = this.#series.get(keyOf(set));
    return series === undefined
      ? []
      : [...series.hours].map(([hour, rows]) => ({ set, hour, samples: rows.samples() }));
  }

  /** Starts of the hours with samples, ms. */
  get hours(): ReadonlySet<number> {
    return new Set([...this.#series.values()].flatMap(({ hours }) => [...hours.keys()]));
  }

  /** What there is of one set in one hour. */
  hourOf(set: SeriesSet, hour: number): Samples | undefined {
    return this.#series.get(keyOf(set))?.hours.get(hour)?.samples();
  }

  /** What there is of one set, without the samples. */
  shapesOf(set: SeriesSet): readonly HeadShape[] {
    return [...(this.#series.get(keyOf(set))?.hours.values() ?? [])].map(({ shape }) => shape);
  }

  /**
   * Some at a time. What has been stored is to be removed before anything is added.
   *
   * @param isWanted by the start of the hour, ms
   */
  *pending(isWanted: (hour: number) => boolean, most: number): Generator<readonly HeadHour[]> {
    let some: HeadHour[] = [];
    // Sets and hours that come meanwhile are for the next time: this one has to end.
    for (const { set, hours } of [...this.#series.values()]) {
      for (const [hour, rows] of [...hours].filter(([each]) => isWanted(each))) {
        some.push({ set, hour, samples: rows.samples() });
        if (some.length < most) continue;
        yield some;
        some = [];
      }
    }
    if (some.length > 0) yield some;
  }

  remove(hours: readonly HeadHour[]): void {
    for (const { set, hour } of hours) {
      const key = keyOf(set);
      const series = this.#series.get(key);
      series?.hours.delete(hour);
      if (series?.hours.size === 0) this.#series.delete(key);
    }
  }

  sets(): readonly SeriesSet[] {
    return [...this.#series.values()].map(({ set }) => set);
  }

  forgetHost(host: string): void {
    this.#keys.delete(host);
    for (const [key, { set }] of this.#series) if (set.host === host) this.#series.delete(key);
  }

  #hourOf(time: bigint): number {
    if (time !== this.#time) {
      this.#time = time;
      this.#hour = startOf(toMs(time), HOUR_MS);
    }
    return this.#hour;
  }

  #keyed({ name, tags }: Metric, host: string): KeyedSet {
    const describe = (each: string, of: Metric['tags']): KeyedSet => {
      const set = setOf({ name: each, tags: of }, host, this.#ownNames);
      return { key: keyOf(set), set };
    };
    const keys = this.#keys.get(host) ?? new SeriesCache(describe);
    this.#keys.set(host, keys);
    return keys.get(name, tags);
  }
}
