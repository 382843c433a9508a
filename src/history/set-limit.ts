/** Bounds the number of series sets, of each host and in all. What is too much is refused and counted; known sets go on. */
export interface SetLimits {
  /** Default 5000. */
  readonly perHost: number;
  /** Default 20,000. */
  readonly inAll: number;
}

export const DEFAULT_SET_LIMITS: SetLimits = { perHost: 5000, inAll: 20_000 };

const MOST_CROWDED = 1000;

export class SetLimit {
  readonly #limits: SetLimits;
  readonly #onFirst: (host: string) => void;
  readonly #known = new Map<string, Set<string>>();
  readonly #reported = new Set<string>();
  #size = 0;

  /** @param onFirst called at the first refusal of each host */
  constructor(limits: SetLimits, onFirst: (host: string) => void) {
    this.#limits = limits;
    this.#onFirst = onFirst;
  }

  /** Hosts that were refused a set and still would be; at most 1000. */
  get crowded(): readonly string[] {
    return [...this.#reported].slice(0, MOST_CROWDED);
  }

  get size(): number {
    return this.#size;
  }

  /** @param key of a set @returns false if there is no room for it */
  admits(host: string, key: string): boolean {
    const known = this.#known.get(host);
    if (known?.has(key) === true) return true;
    if ((known?.size ?? 0) >= this.#limits.perHost || this.#size >= this.#limits.inAll) {
      // Hosts that have no set are not remembered: their number is not bounded.
      if (!this.#reported.has(host) && this.#reported.size < this.#limits.inAll) {
        this.#reported.add(host);
        this.#onFirst(host);
      }
      return false;
    }
    this.#take(host, key);
    return true;
  }

  /** Sets that are gone free their places. @param sets all that are there */
  keepOnly(sets: Iterable<{ readonly host: string; readonly key: string }>): void {
    this.#known.clear();
    this.#size = 0;
    for (const { host, key } of sets) this.#take(host, key);
    if (this.#size >= this.#limits.inAll) return;
    for (const host of this.#reported)
      if ((this.#known.get(host)?.size ?? 0) < this.#limits.perHost) this.#reported.delete(host);
  }

  #take(host: string, key: string): void {
    const known = this.#known.get(host) ?? new Set();
    if (known.has(key)) return;
    this.#known.set(host, known.add(key));
    this.#size += 1;
  }
}
