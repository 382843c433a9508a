/**
 * Interned tag sets. Equal tags become one frozen object, so that whatever depends only on the series (its encoded prefix,
 * filter verdicts, matching rules) is computed once and kept in a `WeakMap` on that object.
 */
import type { Tags } from './metric.ts';

/** Enough for a large gateway (about 30 MB when full); an agent of one host has a few hundred. */
const DEFAULT_LIMIT = 100_000;

/**
 * A bounded table of tag sets. A full table is cleared: live series return with their next sample, and tracking the oldest
 * entry would cost more at every lookup than refilling costs once.
 */
export class TagTable {
  readonly #limit: number;
  readonly #sets = new Map<string, Tags>();

  /** @param limit maximum number of sets, at least 1; default 100 000 */
  constructor(limit: number = DEFAULT_LIMIT) {
    this.#limit = limit;
  }

  /** Number of spellings. A set given in two orders of keys counts twice, though both map to the same object. */
  get size(): number {
    return this.#sets.size;
  }

  /** The one frozen object with these tags, its keys in the order of line protocol. */
  intern(tags: Tags): Tags {
    const spelling = spell(tags);
    const known = this.#sets.get(spelling);
    if (known !== undefined) return known;

    const sorted = sortTags(tags);
    const canonical = spell(sorted);
    const set = this.#sets.get(canonical) ?? Object.freeze(sorted);
    if (this.#sets.size + 2 > this.#limit) this.#sets.clear();
    this.#sets.set(canonical, set);
    this.#sets.set(spelling, set);
    return set;
  }
}

const shared = new TagTable();

/** Interns in the table shared by the whole process. */
export function internTags(tags: Tags): Tags {
  return shared.intern(tags);
}

/**
 * A copy with sorted keys. `__proto__` is a legal tag key; plain assignment would set the prototype, `fromEntries` defines an
 * own property.
 */
function sortTags(tags: Tags): Tags {
  return Object.fromEntries(Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The leading lengths make the spelling unambiguous for any characters in keys and values. */
function spell(tags: Tags): string {
  let text = '';
  for (const key in tags) {
    const value = tags[key] ?? '';
    text += `${key.length},${value.length},${key}${value}`;
  }
  return text;
}

/** Maximum number of names per tag set. One host has some dozens; data from outside can have any number. */
const NAMES_LIMIT = 10_000;

interface SeriesNode<T> {
  readonly name: string;
  readonly tags: Tags;
  readonly value: T;
  /** The series that followed last time. */
  next: SeriesNode<T> | undefined;
}

/**
 * Caches a value that depends only on name and tags. Only frozen tags, such as interned ones, are cached, since others could
 * change. An entry is released with its tag set, or when its predecessor is followed by another series.
 *
 * Series come in the same order at every gather, so the successor of the last series is tried before a lookup.
 */
export class SeriesCache<T> {
  readonly #describe: (name: string, tags: Tags) => T;
  readonly #sets = new WeakMap<Tags, Map<string, SeriesNode<T>>>();
  #last: SeriesNode<T> | undefined;

  constructor(describe: (name: string, tags: Tags) => T) {
    this.#describe = describe;
  }

  get(name: string, tags: Tags): T {
    const predicted = this.#last?.next;
    if (predicted !== undefined && predicted.tags === tags && predicted.name === name) {
      this.#last = predicted;
      return predicted.value;
    }
    const known = this.#sets.get(tags)?.get(name);
    const node = known ?? { name, tags, value: this.#describe(name, tags), next: undefined };
    if (known === undefined && !this.#keep(node)) return node.value;
    if (this.#last !== undefined) this.#last.next = node;
    this.#last = node;
    return node.value;
  }

  /** @returns false for tags that could change */
  #keep(node: SeriesNode<T>): boolean {
    if (!Object.isFrozen(node.tags)) return false;
    const names = this.#sets.get(node.tags);
    if (names === undefined) this.#sets.set(node.tags, new Map([[node.name, node]]));
    else {
      if (names.size >= NAMES_LIMIT) names.clear();
      names.set(node.name, node);
    }
    return true;
  }
}
