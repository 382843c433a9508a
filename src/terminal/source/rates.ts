/** Rates of counters between samples. */
import { pointKey, type Point } from './point.ts';

interface Known {
  readonly at: number;
  readonly values: Point['values'];
  /** A second; of the last two different samples. */
  readonly rates: Readonly<Record<string, number>>;
}

/** More are forgotten, as when containers come and go. */
const MOST_SETS = 20_000;

export class Rates {
  #known = new Map<string, Known>();

  /**
   * @returns a function that gives the rate of a field, a second; NaN for the first sample, and for a counter that began again
   */
  of(point: Point): (field: string) => number {
    const key = pointKey(point);
    const before = this.#known.get(key);
    const known = before !== undefined && before.at >= point.at ? before : { ...point, rates: ratesOf(before, point) };
    if (known !== before) this.#remember(key, known);
    return (field) => known.rates[field] ?? Number.NaN;
  }

  #remember(key: string, known: Known): void {
    if (this.#known.size >= MOST_SETS && !this.#known.has(key)) this.#known = new Map();
    this.#known.set(key, known);
  }
}

function ratesOf(before: Known | undefined, { at, values }: Point): Readonly<Record<string, number>> {
  const rates: Record<string, number> = {};
  if (before === undefined) return rates;
  const seconds = (at - before.at) / 1000;
  for (const field in values) {
    const grown = (values[field] ?? Number.NaN) - (before.values[field] ?? Number.NaN);
    if (grown >= 0) rates[field] = grown / seconds;
  }
  return rates;
}
