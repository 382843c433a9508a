/**
 * Interned tag sets. Equal tags become one frozen object, so whatever depends on the series alone (its encoded prefix,
 * filter verdicts, matching rules) can be kept in a `WeakMap` on that object and decided once.
 */
import type { Tags } from './metric.ts';

/** Enough for a large gateway (about 30 MB when full); an agent of one host has a few hundred. */
const DEFAULT_LIMIT = 100_000;

/**
 * A bounded table of tag sets. When full it starts afresh: live series come back at their next sample, and finding out
 * which entry is the oldest would cost more at every lookup than relearning costs once.
 */
export class TagTable {
  readonly #limit: number;
  readonly #sets = new Map<string, Tags>();

  /** @param limit most sets kept, at least 1; default 100 000 */
  constructor(limit: number = DEFAULT_LIMIT) {
    this.#limit = limit;
  }

  /** Number of spellings kept. A set given in two orders of keys counts twice, though both lead to the same object. */
  get size(): number {
    return this.#sets.size;
  }

  /** The one frozen object with these tags, its keys sorted as line protocol wants them. */
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

/** Interns in the table of the whole process. */
export function internTags(tags: Tags): Tags {
  return shared.intern(tags);
}

/**
 * A copy with sorted keys. `__proto__` is a legal tag key, and plain assignment would set the prototype instead;
 * `fromEntries` defines own properties whatever they are called.
 */
function sortTags(tags: Tags): Tags {
  return Object.fromEntries(Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Lengths in front of the texts make the spelling unambiguous, whatever characters keys and values hold. */
function spell(tags: Tags): string {
  let text = '';
  for (const key in tags) {
    const value = tags[key] ?? '';
    text += `${key.length},${value.length},${key}${value}`;
  }
  return text;
}

/** Names kept for one tag set. A host has some dozens; what comes from outside may have any number. */
const NAMES_LIMIT = 10_000;

interface SeriesNode<T> {
  readonly name: string;
  readonly tags: Tags;
  readonly value: T;
  /** The series asked for after this one the last time. */
  next: SeriesNode<T> | undefined;
}

/**
 * Keeps what depends on name and tags alone. Only frozen tags, such as interned ones, are remembered: others could
 * change, and for them the question is answered anew each time. Entries go when their tag set does, or as soon as the
 * series that came before them is followed by another.
 *
 * Series come in the same order at each gather, so the successor of the last one is tried before anything is looked up.
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
