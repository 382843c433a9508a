/** The newest samples of one series set, in memory, in the order of their arrival. */
import type { FieldValue, Metric } from '../metric/metric.ts';
import { collate } from './collate.ts';
import type { Column, Samples } from './samples.ts';

const INITIAL_ROWS = 8;

/** Longer texts are not kept: log lines belong into a log. */
export const MAX_TEXT_LENGTH = 256;

/** Of the objects around the values, as measured: of a set with its maps, and of a column. */
const SET_BYTES = 1200;
const COLUMN_BYTES = 120;

interface GrowingColumn {
  readonly name: string;
  readonly kind: Column['kind'];
  readonly number: number;
  /** Of a column of texts one for each row up to the last text; else empty. */
  readonly texts: string[];
}

export interface HeadShape {
  readonly columns: readonly Pick<Column, 'name' | 'kind'>[];
  readonly lastTime: bigint;
}

/**
 * Of all rows and columns, in one piece of memory: one for each column would take more than the few values that most sets have.
 * First the times, then column by column, 8 bytes each; then a byte for each row of each column: 1 if it has a value.
 */
class Cells {
  readonly integers: BigInt64Array;
  readonly floats: Float64Array;
  readonly present: Uint8Array;
  readonly rows: number;
  readonly columns: number;

  constructor(rows: number, columns: number) {
    const cells = rows * (columns + 1);
    const buffer = new ArrayBuffer(8 * cells + rows * columns);
    this.integers = new BigInt64Array(buffer, 0, cells);
    this.floats = new Float64Array(buffer, 0, cells);
    this.present = new Uint8Array(buffer, 8 * cells);
    this.rows = rows;
    this.columns = columns;
  }

  get bytes(): number {
    return this.integers.buffer.byteLength;
  }

  /** @returns larger ones with the same values */
  enlarged(rows: number, columns: number): Cells {
    const larger = new Cells(rows, columns);
    for (let column = 0; column <= this.columns; column += 1) {
      const start = column * this.rows;
      larger.integers.set(this.integers.subarray(start, start + this.rows), column * rows);
      if (column < this.columns) larger.present.set(this.present.subarray(start, start + this.rows), column * rows);
    }
    return larger;
  }
}

export class HeadSet {
  #cells = new Cells(0, 0);
  #rows = 0;
  #lastTime = -(2n ** 63n);
  readonly #columns: GrowingColumn[] = [];
  /** Of each field the column that took the last value: few change their type. */
  readonly #current = new Map<string, GrowingColumn>();
  #textBytes = 0;

  get rows(): number {
    return this.#rows;
  }

  /** Its columns without their values, and the time of the newest row, ns. */
  get shape(): HeadShape {
    return { columns: this.#columns.map(({ name, kind }) => ({ name, kind })), lastTime: this.#lastTime };
  }

  /** Approximate memory, bytes. */
  get bytes(): number {
    return SET_BYTES + this.#cells.bytes + COLUMN_BYTES * this.#columns.length + this.#textBytes;
  }

  /** @returns the number of values that are kept */
  add({ time, fields }: Metric): number {
    let kept = 0;
    for (const name in fields) {
      const value = fields[name];
      if (value === undefined || !isKept(value)) continue;
      if (kept === 0) this.#reserve(fields);
      this.#put(this.#columnOf(name, value), value);
      kept += 1;
    }
    if (kept > 0) {
      this.#cells.integers[this.#rows] = time;
      if (time > this.#lastTime) this.#lastTime = time;
      this.#rows += 1;
    }
    return kept;
  }

  /** What there is now, in the order of time. Shares memory: rows are added behind it, and never changed. */
  samples(): Samples {
    const columns = this.#columns.map((column) => this.#sharedColumn(column));
    return collate([{ times: this.#cells.integers.subarray(0, this.#rows), columns }]);
  }

  #sharedColumn({ name, kind, number, texts }: GrowingColumn): Column {
    const rows = this.#rows;
    const { integers, floats, present: all, rows: room } = this.#cells;
    const start = (number + 1) * room;
    const there = all.subarray(number * room, number * room + rows);
    const present = there.includes(0) ? there : undefined;
    switch (kind) {
      case 'float':
        return { name, kind, present, values: floats.subarray(start, start + rows) };
      case 'integer':
        return { name, kind, present, values: integers.subarray(start, start + rows) };
      case 'boolean':
        return { name, kind, present, values: Uint8Array.from(floats.subarray(start, start + rows)) };
      case 'text':
        return { name, kind, present, values: Array.from({ length: rows }, (_, row) => texts[row] ?? '') };
    }
  }

  #put({ kind, number, texts }: GrowingColumn, value: FieldValue): void {
    const row = this.#rows;
    const { integers, floats, present, rows } = this.#cells;
    present[number * rows + row] = 1;
    const cell = (number + 1) * rows + row;
    if (kind === 'text') {
      // Rows without the field need an entry as well, or the array becomes sparse.
      while (texts.length < row) texts.push('');
      texts[row] = value as string;
      this.#textBytes += 16 + (value as string).length;
    } else if (kind === 'integer') {
      integers[cell] = clamped(value as bigint);
    } else {
      floats[cell] = Number(value);
    }
  }

  #columnOf(name: string, value: FieldValue): GrowingColumn {
    const kind = kindOf(value);
    const current = this.#current.get(name);
    if (current?.kind === kind) return current;
    const column =
      this.#columns.find((each) => each.name === name && each.kind === kind) ?? this.#newColumn(name, kind);
    this.#current.set(name, column);
    return column;
  }

  #newColumn(name: string, kind: Column['kind']): GrowingColumn {
    const column: GrowingColumn = { name, kind, number: this.#columns.length, texts: [] };
    this.#columns.push(column);
    const { rows, columns } = this.#cells;
    if (this.#columns.length > columns) this.#cells = this.#cells.enlarged(rows, this.#columns.length);
    return column;
  }

  /** Room for one more row, and at first for these fields. */
  #reserve(fields: Metric['fields']): void {
    const { rows, columns } = this.#cells;
    if (rows === 0) this.#cells = new Cells(INITIAL_ROWS, Object.keys(fields).length);
    else if (this.#rows === rows) this.#cells = this.#cells.enlarged(2 * rows, columns);
  }
}

function isKept(value: FieldValue): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value !== 'string' || value.length <= MAX_TEXT_LENGTH;
}

function kindOf(value: FieldValue): Column['kind'] {
  if (typeof value === 'number') return 'float';
  if (typeof value === 'bigint') return 'integer';
  return typeof value === 'boolean' ? 'boolean' : 'text';
}

/** Beyond 64 bits, as line protocol writes them. */
function clamped(value: bigint): bigint {
  if (BigInt.asIntN(64, value) === value) return value;
  return value > 0n ? 2n ** 63n - 1n : -(2n ** 63n);
}
