/** Values of one field with their times, growing at the end. */

/** In the order of time. Times are ms since the Unix epoch. */
export interface Series {
  readonly times: Float64Array;
  readonly values: Float64Array;
}

const INITIAL_ROWS = 16;

export class SeriesBuilder {
  #times: Float64Array = new Float64Array(0);
  #values: Float64Array = new Float64Array(0);
  #length = 0;

  add(time: number, value: number): void {
    if (this.#length === this.#times.length) this.reserve(Math.max(INITIAL_ROWS, this.#length));
    this.#times[this.#length] = time;
    this.#values[this.#length] = value;
    this.#length += 1;
  }

  /** Makes room for so many more. */
  reserve(more: number): void {
    const size = this.#length + more;
    if (size <= this.#times.length) return;
    this.#times = larger(this.#times, size);
    this.#values = larger(this.#values, size);
  }

  /** Shares memory with the builder. */
  finish(): Series {
    return { times: this.#times.subarray(0, this.#length), values: this.#values.subarray(0, this.#length) };
  }
}

function larger(array: Float64Array, size: number): Float64Array {
  const copy = new Float64Array(size);
  copy.set(array);
  return copy;
}

/** Late samples are in memory, and what came before them may be stored. */
export function inOrder(series: Series): Series {
  const { times, values } = series;
  if (times.every((time, index) => index === 0 || time >= (times[index - 1] ?? time))) return series;
  const order = Array.from(times.keys()).sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0));
  const sorted = (array: Float64Array) => Float64Array.from(order, (index) => array[index] ?? NaN);
  return { times: sorted(times), values: sorted(values) };
}

/** @param to exclusive */
export function between({ times, values }: Series, from: number, to: number): Series {
  const out = new SeriesBuilder();
  for (let index = 0; index < times.length; index += 1) {
    const time = times[index] ?? NaN;
    if (time >= from && time < to) out.add(time, values[index] ?? NaN);
  }
  return out.finish();
}

/** Increase per second between neighbours; a counter that became smaller has started again at 0. */
export function ratesOf({ times, values }: Series): Series {
  const out = new SeriesBuilder();
  for (let index = 1; index < times.length; index += 1) {
    const [before, value] = [values[index - 1] ?? NaN, values[index] ?? NaN];
    const seconds = ((times[index] ?? 0) - (times[index - 1] ?? 0)) / 1000;
    if (seconds > 0) out.add(times[index] ?? 0, (value >= before ? value - before : value) / seconds);
  }
  return out.finish();
}
