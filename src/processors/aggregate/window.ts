import type { Fields, FieldValue, Metric, Tags } from '../../plugin/index.ts';

import type { NamedStatistic } from './statistics.ts';
import { Summary, type NumericType } from './summary.ts';

/** One series in one window. */
interface SeriesSummary {
  readonly name: string;
  readonly tags: Tags;
  /** By field. */
  readonly summaries: Map<string, Summary>;
  /** Time of the newest value, nanoseconds since the Unix epoch. */
  last: bigint;
}

/** Returns the type that the field had first, so that it is the same in all windows. */
export type TypeOf = (measurement: string, field: string, type: NumericType) => NumericType;

/** All series of one time window. */
export class Window {
  /** Nanoseconds, exclusive. */
  readonly end: bigint;
  readonly #series = new Map<string, SeriesSummary>();

  constructor(end: bigint) {
    this.end = end;
  }

  get size(): number {
    return this.#series.size;
  }

  has(key: string): boolean {
    return this.#series.has(key);
  }

  add(key: string, { name, tags, fields, time }: Metric, typeOf: TypeOf, keepsValues: boolean): void {
    let series = this.#series.get(key);
    if (series === undefined) {
      series = { name, tags, summaries: new Map(), last: time };
      this.#series.set(key, series);
    }
    if (time > series.last) series.last = time;
    for (const [field, value] of Object.entries(fields)) {
      if (!isNumeric(value)) continue;
      let summary = series.summaries.get(field);
      if (summary === undefined) {
        const type = typeOf(name, field, typeof value === 'bigint' ? 'int' : 'float');
        summary = new Summary(type, keepsValues);
        series.summaries.set(field, summary);
      }
      summary.add(value);
    }
  }

  /**
   * One metric per series. A complete window has the time of its end. A window cut short by a stop has the time of its last
   * value, so that the rest of the window, reported after the next start, does not overwrite it.
   */
  *metrics(statistics: readonly NamedStatistic[], isComplete: boolean): Generator<Metric> {
    for (const { name, tags, summaries, last } of this.#series.values()) {
      yield { name, tags, fields: report(summaries, statistics), time: isComplete ? this.end : last };
    }
  }
}

export function hasNumbers(fields: Fields): boolean {
  return Object.values(fields).some(isNumeric);
}

function isNumeric(value: FieldValue): value is number | bigint {
  return typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value));
}

function report(summaries: ReadonlyMap<string, Summary>, statistics: readonly NamedStatistic[]): Fields {
  const entries: [string, FieldValue][] = [];
  for (const [field, summary] of summaries) {
    for (const { suffix, of } of statistics) {
      const value = of(summary);
      if (value !== undefined) entries.push([field + suffix, value]);
    }
  }
  return Object.fromEntries(entries);
}
