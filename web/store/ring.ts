/** What the stream sent, one column of numbers for each series. Counters are kept as counted. */

/** 15 minutes of seconds, and some. */
const CAPACITY = 1024;

export interface Ring {
  setNames(names: readonly string[]): void;
  /** Samples that are not newer than the last are ignored. */
  push(at: number, values: readonly (number | null)[]): void;
  /** Samples held. */
  readonly size: number;
  /** Of the newest and the oldest sample, ms since the Unix epoch; 0 if there is none. */
  readonly lastAt: number;
  readonly firstAt: number;
  has(name: string): boolean;
  names(): readonly string[];
  /** Seconds since the Unix epoch, oldest first. */
  times(): Float64Array;
  /** Oldest first; NaN where there was no value. Undefined for a series that the stream does not have. */
  values(name: string): Float64Array | undefined;
  /** The newest value that is not older than a limit in ms; NaN if there is none. */
  last(name: string, withinMs: number): number;
}

export function createRing(): Ring {
  const times = new Float64Array(CAPACITY);
  const columns = new Map<string, Float64Array>();
  let current: readonly Float64Array[] = [];
  let names: readonly string[] = [];
  let end = 0;
  let size = 0;

  const ordered = (column: Float64Array) => unrolled(column, (end - size + CAPACITY) % CAPACITY, size);
  const at = (back: number): number => (end - 1 - back + 2 * CAPACITY) % CAPACITY;
  const timeAt = (back: number): number => (size === 0 ? 0 : Math.round((times[at(back)] ?? 0) * 1000));

  return {
    setNames: (next) => {
      names = next;
      const kept = new Set(next);
      for (const name of columns.keys()) if (!kept.has(name)) columns.delete(name);
      for (const name of next) if (!columns.has(name)) columns.set(name, new Float64Array(CAPACITY).fill(NaN));
      current = next.map((name) => columns.get(name) ?? new Float64Array(CAPACITY));
    },
    push: (time, values) => {
      if (size > 0 && time <= timeAt(0)) return;
      times[end] = time / 1000;
      current.forEach((column, index) => {
        column[end] = values[index] ?? NaN;
      });
      end = (end + 1) % CAPACITY;
      size = Math.min(CAPACITY, size + 1);
    },
    get size() {
      return size;
    },
    get lastAt() {
      return timeAt(0);
    },
    get firstAt() {
      return timeAt(size - 1);
    },
    has: (name) => columns.has(name),
    names: () => names,
    times: () => ordered(times),
    values: (name) => {
      const column = columns.get(name);
      return column === undefined ? undefined : ordered(column);
    },
    last: (name, withinMs) => {
      const column = columns.get(name);
      const newest = timeAt(0);
      for (let back = 0; column !== undefined && back < size && newest - timeAt(back) <= withinMs; back += 1) {
        const value = column[at(back)] ?? NaN;
        if (!Number.isNaN(value)) return value;
      }
      return NaN;
    },
  };
}

function unrolled(column: Float64Array, start: number, size: number): Float64Array {
  const result = new Float64Array(size);
  const untilWrap = Math.min(size, CAPACITY - start);
  result.set(column.subarray(start, start + untilWrap));
  result.set(column.subarray(0, size - untilWrap), untilWrap);
  return result;
}
