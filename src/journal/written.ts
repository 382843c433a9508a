/** Promises that lines are on disk. */
interface Waiting {
  /** Number after the last line. */
  readonly end: number;
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
}

export class Written {
  #waiting: Waiting[] = [];

  /** Resolves with `settle`. @throws the reason of `fail` */
  upTo(end: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ end, resolve, reject });
    });
  }

  /** Lines before this number are on disk. */
  settle(number: number): void {
    if (this.#waiting.length === 0) return;
    const done = this.#waiting.filter(({ end }) => end <= number);
    this.#waiting = this.#waiting.filter(({ end }) => end > number);
    for (const { resolve } of done) resolve();
  }

  /** The disk cannot be written. */
  fail(reason: Error): void {
    const failed = this.#waiting;
    this.#waiting = [];
    for (const { reject } of failed) reject(reason);
  }
}
