/** The last hour of a value as means of equal slots; as long as it is younger than that, in finer ones. */
import type { Trend } from '../../core/notification.ts';

const SLOTS = 60;
const FIRST_SLOT_MS = 1000;
const LAST_SLOT_MS = 60_000;
/** How many slots become one when the ring is full: 1 s, 5 s, 15 s, 60 s. */
const STEPS: ReadonlyMap<number, number> = new Map([
  [1000, 5],
  [5000, 3],
  [15_000, 4],
]);

/** So many values tell how often they come. */
const INTERVAL_SAMPLES = 3;

/** A ring of sums and counts; about 500 bytes. Times are ms since the Unix epoch and may go back a little. */
export class TrendRing {
  readonly #sums = new Float32Array(SLOTS);
  readonly #counts = new Uint16Array(SLOTS);
  #slotMs = FIRST_SLOT_MS;
  /** Numbers of slots since the epoch; NaN before the first value. */
  #first = Number.NaN;
  #newest = 0;
  #samples = 0;
  #last = 0;

  add(value: number, time: number): void {
    if (Number.isNaN(this.#first)) this.#first = this.#newest = Math.floor(time / this.#slotMs);
    while (this.#slotMs < LAST_SLOT_MS && this.#isTooFine(time)) this.#coarsen();
    this.#samples += 1;
    this.#last = time;
    const slot = Math.floor(time / this.#slotMs);
    if (slot > this.#newest) this.#advance(slot);
    else if (this.#newest - slot >= SLOTS) return;
    this.#put(slot, value, 1);
  }

  /** Undefined if nothing was measured in the last hour. */
  view(): Trend | undefined {
    const values: (number | null)[] = [];
    for (let slot = this.#newest - SLOTS + 1; slot <= this.#newest; slot += 1) {
      const { sum, count } = this.#at(slot);
      values.push(count === 0 ? null : round(sum / count));
    }
    const first = values.findIndex((value) => value !== null);
    if (first === -1) return undefined;
    const until = (this.#newest + 1) * this.#slotMs;
    return { since: until - (SLOTS - first) * this.#slotMs, until, values: values.slice(first) };
  }

  /** It is full, or the first values show that they come less often. */
  #isTooFine(time: number): boolean {
    if (Math.floor(time / this.#slotMs) - this.#first >= SLOTS) return true;
    return this.#samples > 0 && this.#samples < INTERVAL_SAMPLES && time - this.#last > this.#slotMs;
  }

  #coarsen(): void {
    const step = STEPS.get(this.#slotMs) ?? 1;
    const kept = Array.from({ length: SLOTS }, (_, index) => {
      const slot = this.#newest - SLOTS + 1 + index;
      return { slot, ...this.#at(slot) };
    });
    this.#slotMs *= step;
    this.#first = Math.floor(this.#first / step);
    this.#newest = Math.floor(this.#newest / step);
    this.#sums.fill(0);
    this.#counts.fill(0);
    for (const { slot, sum, count } of kept) if (count > 0) this.#put(Math.floor(slot / step), sum, count);
  }

  #at(slot: number): { readonly sum: number; readonly count: number } {
    const index = ((slot % SLOTS) + SLOTS) % SLOTS;
    return { sum: this.#sums[index] ?? 0, count: this.#counts[index] ?? 0 };
  }

  #put(slot: number, sum: number, count: number): void {
    const index = slot % SLOTS;
    const total = (this.#counts[index] ?? 0) + count;
    if (total > 0xffff) return;
    this.#sums[index] = (this.#sums[index] ?? 0) + sum;
    this.#counts[index] = total;
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
