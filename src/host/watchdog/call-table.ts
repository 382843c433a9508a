/**
 * Notes which plugin's code runs, in memory that the watchdog's thread can read while the main thread is blocked. A call
 * counts as unfinished until its promise settles, so that code after an `await` can be attributed as well.
 */

/** Cells of 32 bits. A slot is a plugin instance, counted from 1; 0 is none. */
const [ANSWERED, CURRENT, UNFINISHED] = [0, 1, 2];

/** Most slots. Further instances share the last one. */
const MAX_SLOTS = 500;

export class CallTable {
  readonly #cells: Int32Array;

  constructor(memory = new SharedArrayBuffer(4 * (UNFINISHED + MAX_SLOTS + 1))) {
    this.#cells = new Int32Array(memory);
  }

  get memory(): SharedArrayBuffer {
    return this.#cells.buffer as SharedArrayBuffer;
  }

  /** Questions of the watchdog that the event loop has answered. */
  get answered(): number {
    return Atomics.load(this.#cells, ANSWERED);
  }

  answer(): void {
    Atomics.add(this.#cells, ANSWERED, 1);
  }

  get current(): number {
    return Atomics.load(this.#cells, CURRENT);
  }

  unfinished(): readonly number[] {
    return Array.from({ length: MAX_SLOTS }, (_, index) => index + 1).filter(
      (slot) => Atomics.load(this.#cells, UNFINISHED + slot) > 0,
    );
  }

  /** Calls nest: a gather that adds a metric runs processors. */
  during<Result>(slot: number, call: () => Result): Result {
    const cell = Math.min(slot, MAX_SLOTS);
    const outer = Atomics.exchange(this.#cells, CURRENT, cell);
    try {
      const result = call();
      if (isPromise(result)) this.#untilSettled(cell, result);
      return result;
    } finally {
      Atomics.store(this.#cells, CURRENT, outer);
    }
  }

  /** All functions of an object as calls of that slot. */
  wrap<Instance extends object>(slot: number, instance: Instance): Instance {
    const wrapped = new Map<unknown, unknown>();
    const wrapperOf = (method: (...args: unknown[]) => unknown) => {
      const wrapper = (...args: unknown[]) => this.during(slot, () => method.apply(instance, args));
      wrapped.set(method, wrapper);
      return wrapper;
    };
    // Around an empty object, because a frozen one may not be represented as other than it is.
    return new Proxy({} as Instance, {
      has: (_, key) => key in instance,
      get: (_, key) => {
        const value: unknown = Reflect.get(instance, key, instance);
        if (typeof value !== 'function') return value;
        return wrapped.get(value) ?? wrapperOf(value as (...args: unknown[]) => unknown);
      },
    });
  }

  #untilSettled(slot: number, result: PromiseLike<unknown>): void {
    const settled = () => {
      Atomics.sub(this.#cells, UNFINISHED + slot, 1);
    };
    Atomics.add(this.#cells, UNFINISHED + slot, 1);
    result.then(settled, settled);
  }
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function';
}
