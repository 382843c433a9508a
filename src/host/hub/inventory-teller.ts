/** Sends the inventory to the hub: after a sign-in, on a change, and once a day. */
import type { InventoryReport } from '../../api/hub-protocol.ts';
import type { Clock } from '../../core/clock.ts';

/** How often the machine is looked at. ms. */
const LOOK_MS = 60_000;
const DAY_MS = 86_400_000;
/** A hub that refuses, as one of an earlier version does, is asked again after so long. ms. */
const REFUSED_MS = 3_600_000;

export interface TellerOptions {
  /** Undefined while nothing is known. */
  readonly inventory: () => Promise<InventoryReport | undefined>;
  readonly clock: Pick<Clock, 'elapsed'>;
}

export class InventoryTeller {
  readonly #options: TellerOptions;
  #nextAt = 0;
  #toldAt = -Infinity;
  #told = '';

  constructor(options: TellerOptions) {
    this.#options = options;
  }

  /** Another session: the hub may have been restored from a copy, or be another one. */
  forget(): void {
    this.#nextAt = 0;
    this.#told = '';
  }

  /** To be called often. @throws what `inventory` and `tell` throw; then nothing is sent for an hour */
  async tellIfDue(tell: (report: InventoryReport) => Promise<unknown>): Promise<void> {
    const { inventory, clock } = this.#options;
    const now = clock.elapsed();
    if (now < this.#nextAt) return;
    this.#nextAt = now + REFUSED_MS;
    const report = await inventory();
    const text = JSON.stringify(report);
    if (report !== undefined && (text !== this.#told || now - this.#toldAt >= DAY_MS)) {
      await tell(report);
      this.#told = text;
      this.#toldAt = now;
    }
    this.#nextAt = now + LOOK_MS;
  }
}
