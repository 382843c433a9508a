/** Samples that come as columns of numbers, with the name of each series told once. */
import { parseSeriesName } from '../../api/series-name.ts';

import { pointKey, type Point, type Sample } from './point.ts';

interface ColumnSet {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: readonly { readonly name: string; readonly column: number }[];
}

/** A series that is gathered less often than the others keeps its last values for so long, ms. */
const KEPT_MS = 30_000;

export class Columns {
  readonly #sets: readonly ColumnSet[];
  readonly #last = new Map<ColumnSet, Point>();

  /** Names that cannot be read are left out. */
  constructor(names: readonly string[], ownHost: string | undefined) {
    const sets = new Map<string, ColumnSet & { readonly fields: { name: string; column: number }[] }>();
    for (const [column, name] of names.entries()) {
      const parts = parseSeriesName(name, ownHost);
      if (parts === undefined) continue;
      const { measurement, tags, field } = parts;
      const key = pointKey({ measurement, tags });
      const set = sets.get(key) ?? { measurement, tags, fields: [] };
      set.fields.push({ name: field, column });
      sets.set(key, set);
    }
    this.#sets = [...sets.values()];
  }

  sample(at: number, values: readonly (number | null)[]): Sample {
    return { at, points: this.#sets.flatMap((set) => this.#pointOf(set, at, values) ?? []) };
  }

  #pointOf(set: ColumnSet, at: number, columns: readonly (number | null)[]): Point | undefined {
    const { measurement, tags, fields } = set;
    const values: Record<string, number> = {};
    let isEmpty = true;
    for (const { name, column } of fields) {
      const value = columns[column] ?? undefined;
      if (value === undefined) continue;
      values[name] = value;
      isEmpty = false;
    }
    if (!isEmpty) {
      const point = { measurement, tags, values, at };
      this.#last.set(set, point);
      return point;
    }
    const last = this.#last.get(set);
    return last !== undefined && at - last.at <= KEPT_MS ? last : undefined;
  }
}
