/** In ticks of the watcher. */
export interface LoopLimits {
  readonly warnAfter: number;
  readonly endAfter: number;
}

/**
 * Decides whether an event loop is blocked. At each tick of the watcher's own timer the loop has answered the last question
 * or not. Ticks are counted instead of time, because a process that is stopped (SIGSTOP, a suspended machine) stops the
 * watcher too: that costs one tick, however long it takes.
 */
export class LoopWatch {
  readonly #limits: LoopLimits;
  #unanswered = 0;

  constructor(limits: LoopLimits) {
    this.#limits = limits;
  }

  /** Ticks since the question that is not answered. */
  get unanswered(): number {
    return this.#unanswered;
  }

  /** @returns what to do: `ask` the next question, `warn` and `end` once each, and `recovered` after a warning */
  tick(hasAnswered: boolean): 'ask' | 'wait' | 'warn' | 'end' | 'recovered' {
    const { warnAfter, endAfter } = this.#limits;
    if (hasAnswered) {
      const wasBlocked = this.#unanswered >= warnAfter;
      this.#unanswered = 0;
      return wasBlocked ? 'recovered' : 'ask';
    }
    this.#unanswered += 1;
    if (this.#unanswered === warnAfter) return 'warn';
    return this.#unanswered === endAfter ? 'end' : 'wait';
  }
}
