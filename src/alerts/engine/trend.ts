/** The last hour of a value as means of equal slots, which are finer while the series is younger than an hour. */
import type { Trend } from '../../plugin/notification.ts';

const SLOTS = 60;
const FIRST_SLOT_MS = 1000;
const LAST_SLOT_MS = 60_000;
/** How many slots become one when the ring is full: 1 s, 5 s, 15 s, 60 s. */
const STEPS: ReadonlyMap<number, number> = new Map([
  [1000, 5],
  [5000, 3],
  [15_000, 4],
]);

/** Number of values that show the interval. */
const INTERVAL_SAMPLES = 3;

/**
 * A ring of means, about 500 bytes. Most values touch the present slot only, which matters with many series. Times are ms
 * since the Unix epoch; values of past slots are left out.
 */
export class TrendRing {
  /** NaN where nothing was measured. */
  readonly #means = new Float32Array(SLOTS).fill(Number.NaN);
  #slotMs = FIRST_SLOT_MS;
  /** Numbers of slots since the epoch; NaN before the first value. */
  #first = Number.NaN;
  #newest = Number.NaN;
  /** Of the newest slot. */
  #sum = 0;
  #count = 0;
  #last = 0;
  #samples = 0;

  add(value: number, time: number): void {
    const slot = Math.floor(time / this.#slotMs);
    if (slot !== this.#newest && !this.#begin(time)) return;
    this.#sum += value;
    this.#count += 1;
    this.#last = time;
    if (this.#samples < INTERVAL_SAMPLES) this.#samples += 1;
  }

  /** Undefined if nothing was measured in the last hour. */
  view(): Trend | undefined {
    if (this.#count === 0) return undefined;
    this.#keep();
    const values = Array.from({ length: SLOTS }, (_, index) => {
      const mean = this.#means[indexOf(this.#newest - SLOTS + 1 + index)] ?? Number.NaN;
      return Number.isNaN(mean) ? null : round(mean);
    });
    const first = values.findIndex((value) => value !== null);
    const until = (this.#newest + 1) * this.#slotMs;
    return { since: until - (SLOTS - first) * this.#slotMs, until, values: values.slice(first) };
  }

  /** @returns false for a time that is past */
  #begin(time: number): boolean {
    if (Number.isNaN(this.#first)) this.#first = this.#newest = Math.floor(time / this.#slotMs);
    while (this.#slotMs < LAST_SLOT_MS && this.#isTooFine(time)) this.#coarsen();
    const slot = Math.floor(time / this.#slotMs);
    if (slot < this.#newest) return false;
    if (slot > this.#newest) this.#advance(slot);
    return true;
  }

  /** It is full, or the first values show that they come less often. */
  #isTooFine(time: number): boolean {
    if (Math.floor(time / this.#slotMs) - this.#first >= SLOTS) return true;
    return this.#samples > 0 && this.#samples < INTERVAL_SAMPLES && time - this.#last > this.#slotMs;
  }

  #coarsen(): void {
    this.#keep();
    const step = STEPS.get(this.#slotMs) ?? 1;
    const [means, newest] = [this.#means.slice(), this.#newest];
    this.#slotMs *= step;
    this.#first = Math.floor(this.#first / step);
    this.#newest = Math.floor(newest / step);
    this.#means.fill(Number.NaN);
    for (let slot = this.#newest - SLOTS + 1; slot <= this.#newest; slot += 1) {
      let [sum, count] = [0, 0];
      for (
        let part = Math.max(slot * step, newest - SLOTS + 1);
        part < (slot + 1) * step && part <= newest;
        part += 1
      ) {
        const mean = means[indexOf(part)] ?? Number.NaN;
        if (Number.isNaN(mean)) continue;
        sum += mean;
        count += 1;
      }
      if (count > 0) this.#means[indexOf(slot)] = sum / count;
      // The newest slot goes on.
      [this.#sum, this.#count] = [sum, count];
    }
  }

  #keep(): void {
    if (this.#count > 0) this.#means[indexOf(this.#newest)] = this.#sum / this.#count;
  }

  #advance(slot: number): void {
    this.#keep();
    const steps = Math.min(SLOTS, slot - this.#newest);
    for (let step = 0; step < steps; step += 1) this.#means[indexOf(slot - step)] = Number.NaN;
    [this.#newest, this.#sum, this.#count] = [slot, 0, 0];
  }
}

function indexOf(slot: number): number {
  return ((slot % SLOTS) + SLOTS) % SLOTS;
}

/** Seven digits are what a 32-bit float holds. */
function round(value: number): number {
  return Number(value.toPrecision(7));
}
