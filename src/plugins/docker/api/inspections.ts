import type { ContainerInspection } from './answers.ts';
import type { Engine } from './engine.ts';

/**
 * A cache of inspections, invalidated by the daemon's events. Without an event stream nothing would invalidate it, so
 * every call asks the daemon.
 */
export class Inspections {
  readonly #engine: Pick<Engine, 'inspect'>;
  readonly #cached = new Map<string, ContainerInspection>();
  /** Grows with each event: an answer that was under way during one may be stale and is not cached. */
  #events = 0;
  #isCaching = false;

  constructor(engine: Pick<Engine, 'inspect'>) {
    this.#engine = engine;
  }

  async get(id: string, signal: AbortSignal): Promise<ContainerInspection> {
    const cached = this.#cached.get(id);
    if (cached !== undefined) return cached;
    const events = this.#events;
    const inspection = await this.#engine.inspect(id, signal);
    // Each run of a healthcheck changes the failing streak without an event.
    if (this.#isCaching && events === this.#events && !inspection.State.Health) this.#cached.set(id, inspection);
    return inspection;
  }

  /** From now on `invalidate` is called for each event. */
  startCaching(): void {
    this.#isCaching = true;
  }

  stopCaching(): void {
    this.#isCaching = false;
    this.#cached.clear();
  }

  invalidate(id: string): void {
    this.#events += 1;
    this.#cached.delete(id);
  }
}
