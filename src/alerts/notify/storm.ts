/**
 * Keeps a storm of alerts from becoming a storm of messages: only so many groups a minute have messages of their own, all
 * others share one digest a minute. Times are ms on the clock's `elapsed`.
 */
const WINDOW_MS = 60_000;
const MOST_GROUPS = 20;
/** The first digest of a storm waits for others to come in. */
const GATHER_MS = 5000;

export class StormGuard {
  /** Group → its last message. */
  readonly #sentAt = new Map<string, number>();
  #digestAt: number | undefined;

  /** Whether a message of this group may be sent by itself. */
  admits(group: string, now: number): boolean {
    for (const [other, at] of this.#sentAt) {
      if (now - at >= WINDOW_MS) this.#sentAt.delete(other);
    }
    return this.#sentAt.has(group) || this.#sentAt.size < MOST_GROUPS;
  }

  sent(group: string, now: number): void {
    this.#sentAt.set(group, now);
  }

  /** When the next digest may be made. To be asked when a message is not admitted. */
  digestAt(now: number): number {
    const isNew = this.#digestAt === undefined || now - this.#digestAt >= WINDOW_MS;
    if (isNew) this.#digestAt = now + GATHER_MS;
    return this.#digestAt ?? now;
  }

  digestMade(now: number): void {
    this.#digestAt = now + WINDOW_MS;
  }
}
