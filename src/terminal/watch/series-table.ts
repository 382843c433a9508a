/** Series that match, with their values since the start. */
import { formatSeriesName } from '../../api/series-name.ts';
import { Rates } from '../source/rates.ts';
import type { Point, Sample } from '../source/point.ts';

export interface Described {
  /** As in the catalog; empty if there is none. */
  readonly unit: string;
  readonly isCounter: boolean;
}

export interface WatchedSeries {
  readonly name: string;
  /** Of a counter: a second. */
  readonly unit: string;
  /** The newest ones, oldest first; NaN where a sample had none. */
  readonly values: readonly number[];
  /** NaN before the first value, which for a counter comes with the second sample. */
  readonly last: number;
  readonly min: number;
  readonly max: number;
}

export interface SeriesTableOptions {
  /** Whether a series is shown; it gets `cpu.usage_idle`, then `cpu.usage_idle{cpu=cpu0}`. */
  readonly matches: (name: string) => boolean;
  readonly describe: (measurement: string, field: string) => Described;
}

const MOST_VALUES = 200;
/** Further series are left out. */
const MOST_SERIES = 2000;

interface Row extends WatchedSeries {
  values: number[];
  last: number;
  min: number;
  max: number;
  readonly isCounter: boolean;
}

export class SeriesTable {
  readonly #options: SeriesTableOptions;
  readonly #rates = new Rates();
  readonly #rows = new Map<string, Row>();
  #measurements = new Set<string>();
  #samples = 0;

  constructor(options: SeriesTableOptions) {
    this.#options = options;
  }

  add({ points }: Sample): void {
    this.#samples += 1;
    this.#measurements = new Set(points.map(({ measurement }) => measurement));
    for (const point of points) this.#addPoint(point);
    for (const row of this.#rows.values()) {
      // A series that is gone, or came late.
      while (row.values.length < Math.min(MOST_VALUES, this.#samples)) row.values.push(Number.NaN);
      if (row.values.length > MOST_VALUES) row.values.splice(0, row.values.length - MOST_VALUES);
    }
  }

  /** By name. */
  rows(): readonly WatchedSeries[] {
    return [...this.#rows.values()].sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  }

  /** What there is, for somebody whose pattern matches nothing. */
  measurements(): readonly string[] {
    return [...this.#measurements].sort();
  }

  #addPoint(point: Point): void {
    const { measurement, tags, values } = point;
    const rate = this.#rates.of(point);
    for (const field in values) {
      const { host: _host, ...own } = tags;
      const name = formatSeriesName({ measurement, field, tags: own });
      const row = this.#rows.get(name) ?? this.#open(name, measurement, field);
      if (row === undefined) continue;
      const value = row.isCounter ? rate(field) : (values[field] ?? Number.NaN);
      row.values.push(value);
      if (Number.isNaN(value)) continue;
      row.last = value;
      row.min = Number.isNaN(row.min) ? value : Math.min(row.min, value);
      row.max = Number.isNaN(row.max) ? value : Math.max(row.max, value);
    }
  }

  #open(name: string, measurement: string, field: string): Row | undefined {
    const { matches, describe } = this.#options;
    if (!(matches(`${measurement}.${field}`) || matches(name)) || this.#rows.size >= MOST_SERIES) return undefined;
    const { unit, isCounter } = describe(measurement, field);
    const values = new Array<number>(Math.min(MOST_VALUES, this.#samples - 1)).fill(Number.NaN);
    const none = { last: Number.NaN, min: Number.NaN, max: Number.NaN };
    const row = { name, unit: isCounter ? `${unit}/s` : unit, isCounter, values, ...none };
    this.#rows.set(name, row);
    return row;
  }
}
