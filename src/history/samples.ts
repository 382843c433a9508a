/** Samples of one series set (measurement and tags) as columns. */

interface ColumnOf<Kind extends string, Values> {
  /** The field. */
  readonly name: string;
  readonly kind: Kind;
  /** One for each row; of no meaning where the row has none. */
  readonly values: Values;
  /** 1 where the row has a value, 0 where it has none. Undefined: every row has one. */
  readonly present?: Uint8Array | undefined;
}

export type FloatColumn = ColumnOf<'float', Float64Array>;
export type IntegerColumn = ColumnOf<'integer', BigInt64Array>;
/** 0 or 1. */
export type BooleanColumn = ColumnOf<'boolean', Uint8Array>;
export type TextColumn = ColumnOf<'text', readonly string[]>;

/** A field that changes its type has a column for each. */
export type Column = FloatColumn | IntegerColumn | BooleanColumn | TextColumn;

export interface Samples {
  /** Nanoseconds since the Unix epoch; ascending and distinct. */
  readonly times: BigInt64Array;
  readonly columns: readonly Column[];
}

/** Rows from `start` to `end` (exclusive). Columns without a value there are left out. Shares memory. */
export function sliceRows({ times, columns }: Samples, start: number, end: number): Samples {
  return {
    times: times.subarray(start, end),
    columns: columns.flatMap((column): Column[] => {
      const present = column.present?.subarray(start, end);
      if (present?.includes(1) === false) return [];
      return [withValues(column, start, end, present)];
    }),
  };
}

function withValues(column: Column, start: number, end: number, present: Uint8Array | undefined): Column {
  const { name, kind } = column;
  // The kind and the values of a column belong together, which the compiler cannot follow through `slice`.
  const values = kind === 'text' ? column.values.slice(start, end) : column.values.subarray(start, end);
  return { name, kind, values, present } as Column;
}

/** The first row at or after a time, in ns. */
export function rowAt(times: BigInt64Array, time: bigint): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0n) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
