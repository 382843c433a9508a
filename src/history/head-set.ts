/** The newest samples of one series set, in memory, in the order of their arrival. */
import type { FieldValue, Metric } from '../metric/metric.ts';
import { collate } from './collate.ts';
import type { Column, Samples } from './samples.ts';

const INITIAL_ROWS = 16;

/** Longer texts are not kept: log lines belong into a log. */
export const MAX_TEXT_LENGTH = 256;

type GrowingValues =
  | { readonly kind: 'float'; values: Float64Array }
  | { readonly kind: 'integer'; values: BigInt64Array }
  | { readonly kind: 'boolean'; values: Uint8Array }
  | { readonly kind: 'text'; values: string[] };

type GrowingColumn = GrowingValues & { readonly name: string; present: Uint8Array };

export interface HeadShape {
  readonly columns: readonly Pick<Column, 'name' | 'kind'>[];
  readonly lastTime: bigint;
}

export class HeadSet {
  #times = new BigInt64Array(INITIAL_ROWS);
  #rows = 0;
  #lastTime = -(2n ** 63n);
  readonly #columns: GrowingColumn[] = [];
  /** Of each field the column that took the last value: few change their type. */
  readonly #current = new Map<string, GrowingColumn>();
  /** Of texts, which are not in typed arrays. */
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
    let sum = this.#times.byteLength + this.#textBytes;
    for (const { kind, values, present } of this.#columns) {
      sum += present.byteLength + (kind === 'text' ? 0 : values.byteLength);
    }
    return sum;
  }

  /** @returns the number of values that are kept */
  add({ time, fields }: Metric): number {
    let kept = 0;
    for (const name in fields) {
      const value = fields[name];
      if (value === undefined || !isKept(value)) continue;
      if (kept === 0) this.#reserve();
      this.#put(this.#columnOf(name, value), value);
      kept += 1;
    }
    if (kept > 0) {
      this.#times[this.#rows] = time;
      if (time > this.#lastTime) this.#lastTime = time;
      this.#rows += 1;
    }
    return kept;
  }

  /** A copy, in the order of time. */
  samples(): Samples {
    const rows = this.#rows;
    const columns = this.#columns.map(({ name, kind, values, present }) => {
      // Rows after the last text have no entry.
      while (kind === 'text' && values.length < rows) values.push('');
      const isFull = !present.subarray(0, rows).includes(0);
      // Kind and values belong together.
      return {
        name,
        kind,
        values: values.slice(0, rows),
        present: isFull ? undefined : present.slice(0, rows),
      } as Column;
    });
    return collate([{ times: this.#times.slice(0, rows), columns }]);
  }

  #put(column: GrowingColumn, value: FieldValue): void {
    const row = this.#rows;
    column.present[row] = 1;
    if (column.kind === 'text') {
      // Rows without the field need an entry as well, or the array becomes sparse.
      while (column.values.length < row) column.values.push('');
      column.values[row] = value as string;
      this.#textBytes += 16 + (value as string).length;
    } else if (column.kind === 'integer') {
      column.values[row] = clamped(value as bigint);
    } else {
      column.values[row] = Number(value);
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
    const size = this.#times.length;
    const column: GrowingColumn = { name, present: new Uint8Array(size), ...emptyValues(kind, size) };
    this.#columns.push(column);
    return column;
  }

  #reserve(): void {
    const size = this.#times.length;
    if (this.#rows < size) return;
    this.#times = enlarged(this.#times, new BigInt64Array(size * 2));
    for (const column of this.#columns) {
      column.present = enlarged(column.present, new Uint8Array(size * 2));
      if (column.kind === 'float') column.values = enlarged(column.values, new Float64Array(size * 2));
      if (column.kind === 'integer') column.values = enlarged(column.values, new BigInt64Array(size * 2));
      if (column.kind === 'boolean') column.values = enlarged(column.values, new Uint8Array(size * 2));
    }
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

function emptyValues(kind: Column['kind'], size: number): GrowingValues {
  switch (kind) {
    case 'float':
      return { kind, values: new Float64Array(size) };
    case 'integer':
      return { kind, values: new BigInt64Array(size) };
    case 'boolean':
      return { kind, values: new Uint8Array(size) };
    case 'text':
      return { kind, values: [] };
  }
}

/** Beyond 64 bits, as line protocol writes them. */
function clamped(value: bigint): bigint {
  if (BigInt.asIntN(64, value) === value) return value;
  return value > 0n ? 2n ** 63n - 1n : -(2n ** 63n);
}

function enlarged<Values extends { set(values: Values): void }>(from: Values, to: Values): Values {
  to.set(from);
  return to;
}
