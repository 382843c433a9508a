import type { Logger } from '../../plugin/index.ts';

/** Logs a warning at the first case of a problem, and an info with the number of cases when it has ended. */
export class Episode {
  readonly #log: Logger;
  readonly #what: string;
  #cases = 0;
  #casesAtTick = 0;

  constructor(log: Logger, what: string) {
    this.#log = log;
    this.#what = what;
  }

  count(): void {
    this.#cases += 1;
    if (this.#cases === 1) this.#log.warn(this.#what);
  }

  /** Called once per period; a period without a case ends the episode. */
  tick(): void {
    if (this.#cases > 0 && this.#cases === this.#casesAtTick) {
      this.#log.info(`Ended: ${this.#what}`, { metrics: this.#cases });
      this.#cases = 0;
    }
    this.#casesAtTick = this.#cases;
  }
}
