/** The columns of live samples: each numeric field of each series has a place, which it keeps while somebody looks. */
import type { LiveSample } from '../../api/stream.ts';
import { formatSeriesName } from '../../api/series-name.ts';
import type { LivePoints } from '../../gather/live.ts';
import type { FieldValue, Tags } from '../../metric/metric.ts';

/** A host with more is shown in part: interfaces and disks come and go. */
const MAX_COLUMNS = 5000;

export class Columns {
  readonly #ownHost: string | undefined;
  readonly #places = new Map<string, number>();
  /** Tags of inputs are interned, so most names are found without writing them. */
  readonly #known = new WeakMap<Tags, Map<string, number | undefined>>();

  /** @param ownHost value of the `host` tag that the agent adds */
  constructor(ownHost: string | undefined) {
    this.#ownHost = ownHost;
  }

  get names(): string[] {
    return [...this.#places.keys()];
  }

  get size(): number {
    return this.#places.size;
  }

  /** Adds columns for what is new. */
  sample({ at, metrics }: LivePoints): LiveSample {
    const pairs = metrics.flatMap(({ name, tags, fields }) =>
      Object.entries(fields).flatMap(([field, value]): (readonly [number, number])[] => {
        const number = numberOf(value);
        const place = number === undefined ? undefined : this.#placeOf(name, tags, field);
        return number === undefined || place === undefined ? [] : [[place, number]];
      }),
    );
    const values = new Array<number | null>(this.#places.size).fill(null);
    for (const [place, value] of pairs) values[place] = value;
    return { at, values };
  }

  #placeOf(measurement: string, tags: Tags, field: string): number | undefined {
    const known = this.#known.get(tags) ?? new Map<string, number | undefined>();
    this.#known.set(tags, known);
    const key = `${measurement}\0${field}`;
    if (!known.has(key)) known.set(key, this.#add(formatSeriesName({ measurement, field, tags }, this.#ownHost)));
    return known.get(key);
  }

  #add(name: string): number | undefined {
    const place = this.#places.get(name);
    if (place !== undefined || this.#places.size >= MAX_COLUMNS) return place;
    this.#places.set(name, this.#places.size);
    return this.#places.size - 1;
  }
}

/** Undefined for texts, and for what JSON cannot hold. */
function numberOf(value: FieldValue): number | undefined {
  if (typeof value === 'string') return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}
