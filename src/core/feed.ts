/** Publishes values to listeners. Without listeners, the newest values are buffered for the first one. */
export class Feed<Value> {
  readonly #capacity: number;
  readonly #listeners = new Set<(value: Value) => void>();
  #buffer: Value[] = [];
  #isPublishing = false;

  /** @param capacity maximum number of buffered values */
  constructor(capacity = 200) {
    this.#capacity = capacity;
  }

  /** Ignores values that a listener publishes, which could go on forever. */
  readonly publish = (value: Value): void => {
    if (this.#isPublishing) return;
    if (this.#listeners.size === 0) {
      this.#buffer.push(value);
      if (this.#buffer.length > this.#capacity) this.#buffer.shift();
      return;
    }
    this.#deliver([value], this.#listeners);
  };

  /** @returns a function that ends the subscription */
  readonly subscribe = (listener: (value: Value) => void): (() => void) => {
    this.#deliver(this.#buffer.splice(0), [listener]);
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  #deliver(values: readonly Value[], listeners: Iterable<(value: Value) => void>): void {
    this.#isPublishing = true;
    try {
      for (const value of values) for (const listener of listeners) listener(value);
    } finally {
      this.#isPublishing = false;
    }
  }
}
