import type { Logger } from '../../plugin/index.ts';

/** Logs once when something unwanted begins to happen, and once, with the number of cases, when it has ended. */
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

  /** Called once a period; a period without a case ends the episode. */
  tick(): void {
    if (this.#cases > 0 && this.#cases === this.#casesAtTick) {
      this.#log.info(`No longer: ${this.#what}`, { metrics: this.#cases });
      this.#cases = 0;
    }
    this.#casesAtTick = this.#cases;
  }
}
