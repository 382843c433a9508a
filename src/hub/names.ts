/** Tells the history which id each name belongs to. A history that is not open yet, or fails, learns it later. */
import type { Clock } from '../core/clock.ts';

/** The part of `HistoryAccess` that knows hosts. */
export interface HostHistory {
  nameHost(id: string, name: string): Promise<void>;
  forgetHost(id: string): Promise<void>;
  /** Ids of hosts that have more series than it keeps. */
  crowded(): Promise<readonly string[]>;
}

const AGAIN_MS = 2000;

export class Names {
  readonly #history: () => HostHistory | undefined;
  readonly #clock: Clock;
  /** Id → name; null: it is forgotten. */
  readonly #wanted = new Map<string, string | null>();
  readonly #told = new Map<string, string>();
  #isAtWork = false;
  #cancel: () => void = () => undefined;

  /** @param history undefined if there is none */
  constructor(history: () => HostHistory | undefined, clock: Clock) {
    this.#history = history;
    this.#clock = clock;
  }

  /** @param isAgain also if it was said before: there may be another history */
  set(id: string, name: string | null, isAgain = false): void {
    if (!isAgain && name !== null && this.#told.get(id) === name) return;
    if (name === null) this.#told.delete(id);
    else this.#told.set(id, name);
    this.#wanted.set(id, name);
    if (!this.#isAtWork) void this.#work();
  }

  stop(): void {
    this.#cancel();
    this.#wanted.clear();
  }

  async #work(): Promise<void> {
    this.#isAtWork = true;
    for (let [next] = this.#wanted; next !== undefined; [next] = this.#wanted) {
      const [id, name] = next;
      if (!(await this.#tell(id, name))) {
        this.#cancel = this.#clock.after(AGAIN_MS, () => void this.#work());
        return;
      }
      if (this.#wanted.get(id) === name) this.#wanted.delete(id);
    }
    this.#isAtWork = false;
  }

  /** @returns false if it has to be said again */
  async #tell(id: string, name: string | null): Promise<boolean> {
    const history = this.#history();
    if (history === undefined) return true;
    try {
      await (name === null ? history.forgetHost(id) : history.nameHost(id, name));
      return true;
    } catch {
      return false; // The history logs why it does not run.
    }
  }
}
