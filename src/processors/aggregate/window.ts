import type { Fields, FieldValue, Metric, Tags } from '../../plugin/index.ts';

import type { NamedStatistic } from './statistics.ts';
import { Summary, type NumericType } from './summary.ts';

/** One series in one window. */
interface Group {
  readonly name: string;
  readonly tags: Tags;
  readonly summaries: Map<string, Summary>;
  last: bigint;
}

/** The type that each field had first, so that it stays the same from window to window. */
export type TypeOf = (measurement: string, field: string, type: NumericType) => NumericType;

/** All series of one span of time. */
export class Window {
  /** Nanoseconds; not part of the window. */
  readonly end: bigint;
  readonly #groups = new Map<string, Group>();

  constructor(end: bigint) {
    this.end = end;
  }

  get size(): number {
    return this.#groups.size;
  }

  has(series: string): boolean {
    return this.#groups.has(series);
  }

  add(series: string, { name, tags, fields, time }: Metric, typeOf: TypeOf, keepsSamples: boolean): void {
    let group = this.#groups.get(series);
    if (group === undefined) {
      group = { name, tags, summaries: new Map(), last: time };
      this.#groups.set(series, group);
    }
    if (time > group.last) group.last = time;
    for (const [field, value] of Object.entries(fields)) {
      if (!isNumeric(value)) continue;
      let summary = group.summaries.get(field);
      if (summary === undefined) {
        const type = typeOf(name, field, typeof value === 'bigint' ? 'int' : 'float');
        summary = new Summary(type, keepsSamples);
        group.summaries.set(field, summary);
      }
      summary.add(value);
    }
  }

  /**
   * One metric for each series. A whole window carries the time of its end. One that was cut short by a stop carries that
   * of its last value, so that what the next start makes of the rest of the window is not stored over it.
   */
  *metrics(statistics: readonly NamedStatistic[], isWhole: boolean): Generator<Metric> {
    for (const { name, tags, summaries, last } of this.#groups.values()) {
      yield { name, tags, fields: report(summaries, statistics), time: isWhole ? this.end : last };
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
