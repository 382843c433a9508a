import type { PartStatus } from '../core/part.ts';

type Tags = PartStatus['tags'];

/** The counters of all inputs, or of all outputs, by alias; and the sums of those that a reload has removed. */
export class CounterTable<Counters extends { readonly [Key in keyof Counters]: number }> {
  readonly #blank: () => Counters;
  readonly #entries = new Map<string, { readonly tags: Tags; readonly counters: Counters }>();
  readonly #removed: Record<string, number> = {};

  constructor(blank: () => Counters) {
    this.#blank = blank;
  }

  /** An alias that is known keeps its counters. */
  entry(alias: string, tags: Tags): Counters {
    const counters = this.#entries.get(alias)?.counters ?? this.#blank();
    this.#entries.set(alias, { tags: { ...tags, alias }, counters });
    return counters;
  }

  remove(alias: string): void {
    const counters = this.#entries.get(alias)?.counters ?? {};
    for (const [key, value] of Object.entries(counters)) this.#removed[key] = (this.#removed[key] ?? 0) + Number(value);
    this.#entries.delete(alias);
  }

  /** Over all aliases, removed ones included. */
  total(key: keyof Counters & string): number {
    return [...this.#entries.values()].reduce((sum, { counters }) => sum + counters[key], this.#removed[key] ?? 0);
  }

  snapshot(name: string): readonly PartStatus[] {
    return [...this.#entries.values()].map(({ tags, counters }) => ({ name, tags, fields: { ...counters } }));
  }
}
