/** The notifications that wait for one receiver, in order. Times are ms on the clock's `elapsed`. */
import { merge } from './coalesce.ts';
import { digestOf } from './digest.ts';
import type { Entry } from './entry.ts';
import type { Shelf } from './shelf.ts';

export interface Waiting {
  entry: Entry;
  dueAt: number;
  readonly expiresAt: number;
  /** Attempts that failed. */
  failures: number;
  isBeingSent: boolean;
}

export class Queue {
  readonly #shelf: Shelf;
  #items: Waiting[] = [];

  constructor(shelf: Shelf) {
    this.#shelf = shelf;
  }

  get items(): readonly Waiting[] {
    return this.#items;
  }

  /** The oldest of each group: what may be sent without getting ahead of another. */
  heads(): readonly Waiting[] {
    const seen = new Set<string>();
    return this.#items.filter(({ entry: { groups } }) => {
      const isHead = !groups.some((group) => seen.has(group));
      for (const group of groups) seen.add(group);
      return isHead;
    });
  }

  /** The head that stands before this entry, or the entry itself. */
  headOf({ entry }: Waiting): Waiting | undefined {
    return this.heads().find(({ entry: { groups } }) => groups.some((group) => entry.groups.includes(group)));
  }

  /** News of a group are a reason to try what stands before them at once. */
  add(entry: Entry, now: number, expiresAt: number): void {
    const item: Waiting = { entry, dueAt: now, expiresAt, failures: 0, isBeingSent: false };
    this.#items.push(item);
    this.coalesce(entry.groups);
    const first = this.#items.find(({ entry: { groups } }) => groups.some((group) => entry.groups.includes(group)));
    if (first !== undefined) first.dueAt = now;
  }

  remove(item: Waiting): void {
    this.#items = this.#items.filter((other) => other !== item);
  }

  /**
   * What can become a digest: all that waits for groups of which nothing may be with the receiver already.
   *
   * @param isMeant for the others
   */
  foldable(isMeant: (item: Waiting) => boolean): readonly Waiting[] {
    const unsure = new Set(this.#items.filter((item) => !isUntouched(item)).flatMap(({ entry }) => entry.groups));
    return this.#items.filter((item) => !item.entry.groups.some((group) => unsure.has(group)) && isMeant(item));
  }

  /** Merges what waits for these groups, the newest first, as far as that goes. */
  coalesce(groups: readonly string[]): void {
    const [group, another] = groups;
    // A digest stands for itself.
    if (group === undefined || another !== undefined) return;
    const line = this.#items.filter(({ entry }) => entry.groups.length === 1 && entry.groups[0] === group);
    for (let index = line.length - 1; index > 0; index -= 1) {
      const [older, newer] = [line[index - 1], line[index]];
      if (older === undefined || newer === undefined || !this.#merge(older, newer)) return;
      line[index - 1] = newer;
    }
  }

  /** @returns the digest that has taken the place of these entries, which are at least one */
  fold(items: readonly Waiting[], receiver: string, now: { readonly wall: number; readonly elapsed: number }): Waiting {
    const key = this.#shelf.nextKey();
    const digest = digestOf(
      items.map(({ entry }) => entry),
      key,
      receiver,
      now.wall,
    );
    this.#shelf.transaction(() => {
      for (const { entry } of items) this.#shelf.end(entry, 'coalesced', { into: digest.notification.id });
      this.#shelf.save(digest);
    });
    const expiresAt = Math.max(...items.map((item) => item.expiresAt));
    const folded: Waiting = { entry: digest, dueAt: now.elapsed, expiresAt, failures: 0, isBeingSent: false };
    const gone = new Set(items);
    this.#items = [...this.#items.filter((item) => !gone.has(item)), folded];
    return folded;
  }

  #merge(older: Waiting, newer: Waiting): boolean {
    if (!isUntouched(older) || !isUntouched(newer)) return false;
    const notification = merge(older.entry.notification, newer.entry.notification);
    if (notification === undefined) return false;
    newer.entry = { ...newer.entry, notification, queuedAt: Math.min(older.entry.queuedAt, newer.entry.queuedAt) };
    this.#shelf.transaction(() => {
      this.#shelf.end(older.entry, 'coalesced', { into: notification.id });
      this.#shelf.save(newer.entry);
    });
    this.remove(older);
    return true;
  }
}

/** Whether the receiver surely does not have it. */
function isUntouched({ entry, isBeingSent }: Waiting): boolean {
  return !entry.mayHaveArrived && !isBeingSent;
}
