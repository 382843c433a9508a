/** The last hour of a value as one-minute means. */
import type { Trend } from '../../core/notification.ts';

const SLOT_MS = 60_000;
const SLOTS = 60;

/** A ring of sums and counts; about 500 bytes. Times are ms since the Unix epoch and may go back a little. */
export class TrendRing {
  readonly #sums = new Float32Array(SLOTS);
  readonly #counts = new Uint16Array(SLOTS);
  /** Number of the newest slot since the epoch. */
  #newest = 0;

  add(value: number, time: number): void {
    const slot = Math.floor(time / SLOT_MS);
    if (slot > this.#newest) this.#advance(slot);
    else if (this.#newest - slot >= SLOTS) return;
    const index = slot % SLOTS;
    const count = this.#counts[index] ?? 0;
    if (count === 0xffff) return;
    this.#sums[index] = (this.#sums[index] ?? 0) + value;
    this.#counts[index] = count + 1;
  }

  /** Undefined if nothing was measured in the last hour. */
  view(): Trend | undefined {
    const values: (number | null)[] = [];
    for (let slot = this.#newest - SLOTS + 1; slot <= this.#newest; slot += 1) {
      const index = ((slot % SLOTS) + SLOTS) % SLOTS;
      const count = this.#counts[index] ?? 0;
      values.push(count === 0 ? null : round((this.#sums[index] ?? 0) / count));
    }
    const first = values.findIndex((value) => value !== null);
    if (first === -1) return undefined;
    const until = (this.#newest + 1) * SLOT_MS;
    return { since: until - (SLOTS - first) * SLOT_MS, until, values: values.slice(first) };
  }

  #advance(slot: number): void {
    const steps = Math.min(SLOTS, slot - this.#newest);
    for (let step = 0; step < steps; step += 1) {
      const index = (slot - step) % SLOTS;
      this.#sums[index] = 0;
      this.#counts[index] = 0;
    }
    this.#newest = slot;
  }
}

/** Seven digits are what a 32-bit float holds. */
function round(value: number): number {
  return Number(value.toPrecision(7));
}
