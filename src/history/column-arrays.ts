/**
 * Arrays for columns that are read and left behind at once. New ones for each block would cost more than what is done with them:
 * memory from the system, filled with zeros, and garbage.
 */
import type { Statistic } from './roll-up.ts';

/** Larger ones, which few blocks need, are not kept. */
const MOST_ROWS = 8192;

export class ColumnArrays {
  readonly #arrays = new Map<string, Float64Array>();

  /** Of undefined content. The one that was taken before under this name is used again. */
  take(name: Statistic | 'times', rows: number): Float64Array {
    if (rows > MOST_ROWS) return new Float64Array(rows);
    const array = this.#arrays.get(name) ?? new Float64Array(MOST_ROWS);
    this.#arrays.set(name, array);
    return array.subarray(0, rows);
  }
}
