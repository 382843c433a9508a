/** Hands what happens to whoever listens. While nobody does, the newest is held for the first who will. */
export class Feed<Value> {
  readonly #most: number;
  readonly #listeners = new Set<(value: Value) => void>();
  #held: Value[] = [];
  #isPublishing = false;

  /** @param most how many values are held */
  constructor(most = 200) {
    this.#most = most;
  }

  /** What a listener itself brings about is not told: it might never end. */
  readonly publish = (value: Value): void => {
    if (this.#isPublishing) return;
    if (this.#listeners.size === 0) {
      this.#held.push(value);
      if (this.#held.length > this.#most) this.#held.shift();
      return;
    }
    this.#tell([value], this.#listeners);
  };

  /** @returns ends it */
  readonly subscribe = (listener: (value: Value) => void): (() => void) => {
    this.#tell(this.#held.splice(0), [listener]);
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  #tell(values: readonly Value[], listeners: Iterable<(value: Value) => void>): void {
    this.#isPublishing = true;
    try {
      for (const value of values) for (const listener of listeners) listener(value);
    } finally {
      this.#isPublishing = false;
    }
  }
}
