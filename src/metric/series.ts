/**
 * Interned tag sets. Equal tags become one frozen object, so that whatever depends only on the series (its encoded prefix,
 * filter verdicts, matching rules) is computed once and kept in a `WeakMap` on that object.
 */
import type { Tags } from './metric.ts';

/**
 * Enough for a gateway of some hundred hosts; an agent of one host has a few hundred. With everything that is cached for a
 * series, one takes about 1.5 KB, so that a full table takes 60 MB.
 */
const DEFAULT_LIMIT = 40_000;

/**
 * A bounded table of tag sets, in two generations: when the young one has half of the limit, it becomes the old one, and
 * what was in the old one and not used since then is forgotten. Series that come and go never displace live ones.
 */
export class TagTable {
  readonly #limit: number;
  #young = new Map<string, Tags>();
  #old = new Map<string, Tags>();

  /** @param limit maximum number of sets, at least 4; default 40,000 */
  constructor(limit: number = DEFAULT_LIMIT) {
    this.#limit = limit;
  }

  /** Number of spellings. A set given in two orders of keys counts twice, though both map to the same object. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** The one frozen object with these tags, its keys in the order of line protocol. */
  intern(tags: Tags): Tags {
    const spelling = spell(tags);
    const known = this.#young.get(spelling) ?? this.#revive(spelling);
    if (known !== undefined) return known;

    const sorted = sortTags(tags);
    const canonical = spell(sorted);
    const set = this.#young.get(canonical) ?? this.#revive(canonical) ?? Object.freeze(sorted);
    this.#keep(canonical, set);
    if (spelling !== canonical) this.#keep(spelling, set);
    return set;
  }

  #revive(spelling: string): Tags | undefined {
    const set = this.#old.get(spelling);
    if (set === undefined) return undefined;
    this.#old.delete(spelling);
    this.#keep(spelling, set);
    return set;
  }

  #keep(spelling: string, set: Tags): void {
    if (this.#young.size >= this.#limit / 2) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(spelling, set);
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

interface SeriesNode<T> {
  readonly name: string;
  readonly tags: Tags;
  readonly value: T;
  /** The series that followed last time. */
  next: SeriesNode<T> | undefined;
}

/**
 * Caches a value that depends only on name and tags. Only frozen tags, such as interned ones, are cached, since others could
 * change.
 *
 * Series come in the same order at every gather, so the successor of the last series is tried before a lookup. One entry
 * that is still in use therefore keeps all that came after it, so the cache is emptied when it has taken in as many entries
 * as it may hold; live series return with their next sample.
 */
export class SeriesCache<T> {
  readonly #describe: (name: string, tags: Tags) => T;
  readonly #limit: number;
  #sets = new WeakMap<Tags, Map<string, SeriesNode<T>>>();
  #last: SeriesNode<T> | undefined;
  /** Entries since the cache was empty. */
  #size = 0;

  /** @param limit maximum number of entries; default 40,000 */
  constructor(describe: (name: string, tags: Tags) => T, limit = DEFAULT_LIMIT) {
    this.#describe = describe;
    this.#limit = limit;
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
    if (this.#size >= this.#limit) {
      this.#sets = new WeakMap();
      this.#last = undefined;
      this.#size = 0;
    }
    this.#size += 1;
    const names = this.#sets.get(node.tags);
    if (names === undefined) this.#sets.set(node.tags, new Map([[node.name, node]]));
    else names.set(node.name, node);
    return true;
  }
}
