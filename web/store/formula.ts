/** What a line of a chart shows: a sum of series, their rate, or one sum divided by another. */

export interface Term {
  readonly name: string;
  /** −1 subtracts. */
  readonly factor: number;
}

export interface Formula {
  readonly terms: readonly Term[];
  /** Counters become rates per second. */
  readonly isRate: boolean;
  /** Divides by the sum of these, such as the time of reads by their number. */
  readonly over?: readonly Term[];
  /** The sum is subtracted from this, such as idle time from 100. */
  readonly from?: number;
}

/** Columns of one origin: the stream, or an answer of the history. */
export interface Columns {
  /** Seconds since the Unix epoch, ascending. */
  readonly times: Float64Array;
  /** NaN where there is no value; undefined for a series that is not there. Rates are per second. */
  values(name: string, isRate: boolean): Float64Array | undefined;
}

export function gauge(...names: readonly string[]): Formula {
  return { terms: names.map((name) => ({ name, factor: 1 })), isRate: false };
}

export function rate(...names: readonly string[]): Formula {
  return { ...gauge(...names), isRate: true };
}

/** The first without the others. */
export function difference(first: string, ...others: readonly string[]): Formula {
  return {
    terms: [{ name: first, factor: 1 }, ...others.map((name) => ({ name, factor: -1 }))],
    isRate: false,
  };
}

/** What each of a counter's events took of another, such as the time of a read. */
export function perEvent(amounts: readonly string[], events: readonly string[]): Formula {
  return { ...rate(...amounts), over: events.map((name) => ({ name, factor: 1 })) };
}

export function namesOf({ terms, over = [] }: Formula): readonly string[] {
  return [...terms, ...over].map(({ name }) => name);
}

/** One value for each time; NaN where there is none. */
export function evaluate(formula: Formula, columns: Columns): Float64Array {
  const sums = sum(formula.terms, columns, formula.isRate);
  const { from } = formula;
  const above = from === undefined ? sums : sums.map((value) => from - value);
  if (formula.over === undefined) return above;
  const below = sum(formula.over, columns, formula.isRate);
  // Nothing happened, so it took no time that could be measured.
  return above.map((value, index) => {
    const count = below[index] ?? NaN;
    return count > 0 ? value / count : NaN;
  });
}

/**
 * A sum leaves out series that have no value, such as of an interface that is gone; a difference cannot.
 */
function sum(terms: readonly Term[], columns: Columns, isRate: boolean): Float64Array {
  const isStrict = terms.some(({ factor }) => factor < 0);
  const result = new Float64Array(columns.times.length).fill(isStrict ? 0 : NaN);
  for (const { name, factor } of terms) {
    const values = columns.values(name, isRate);
    for (let index = 0; index < result.length; index += 1) {
      const value = (values?.[index] ?? NaN) * factor;
      const before = result[index] ?? NaN;
      if (isStrict) result[index] = before + value;
      else if (!Number.isNaN(value)) result[index] = (Number.isNaN(before) ? 0 : before) + value;
    }
  }
  return result;
}

/** Growth per second between values; NaN after a counter began again. Samples without a value are passed over. */
export function ratesOf(times: Float64Array, counts: Float64Array): Float64Array {
  const result = new Float64Array(counts.length).fill(NaN);
  let before = -1;
  for (let index = 0; index < counts.length; index += 1) {
    const count = counts[index] ?? NaN;
    if (Number.isNaN(count)) continue;
    if (before >= 0) {
      const grown = count - (counts[before] ?? NaN);
      if (grown >= 0) result[index] = grown / ((times[index] ?? 0) - (times[before] ?? 0));
    }
    before = index;
  }
  return result;
}
