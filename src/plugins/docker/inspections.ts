import type { ContainerInspection } from './api.ts';
import type { Engine } from './engine.ts';

/**
 * What the daemon tells of each container, asked again only after an event said that it changed. Without an event stream
 * there is nothing to trust, and every call asks.
 */
export class Inspections {
  readonly #engine: Pick<Engine, 'inspect'>;
  readonly #known = new Map<string, ContainerInspection>();
  /** Grows with each event, so that an answer on its way during one is not kept. */
  #events = 0;
  #following = false;

  constructor(engine: Pick<Engine, 'inspect'>) {
    this.#engine = engine;
  }

  async get(id: string, signal: AbortSignal): Promise<ContainerInspection> {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const events = this.#events;
    const inspection = await this.#engine.inspect(id, signal);
    // Each check of its health changes the streak of a container, and no event tells so.
    if (this.#following && events === this.#events && !inspection.State.Health) this.#known.set(id, inspection);
    return inspection;
  }

  /** From now on `changed` will be called for each event. */
  follow(): void {
    this.#following = true;
  }

  unfollow(): void {
    this.#following = false;
    this.#known.clear();
  }

  changed(id: string): void {
    this.#events += 1;
    this.#known.delete(id);
  }
}
