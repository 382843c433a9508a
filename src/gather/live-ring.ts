/** The newest points of the live view, bounded in time and size. */
import type { Metric } from '../metric/metric.ts';

import type { LivePoints } from './live.ts';

export interface RingLimits {
  /** Oldest points kept, ms before the newest. */
  readonly ms: number;
  /** Estimated size in memory. */
  readonly bytes: number;
}

/** What V8 takes for a metric and for each of its fields, names and tags not counted: they are shared between seconds. */
const BYTES_PER_METRIC = 120;
const BYTES_PER_FIELD = 32;

export class LiveRing {
  readonly #limits: RingLimits;
  #points: { readonly points: LivePoints; readonly bytes: number }[] = [];
  #bytes = 0;

  constructor(limits: RingLimits) {
    this.#limits = limits;
  }

  /** Forgets points from a time that is still to come, as after a clock that was set back: `after` would find them for ever. */
  add(points: LivePoints): void {
    const bytes = points.metrics.reduce((sum, metric) => sum + sizeOf(metric), 0);
    this.#points = this.#points.filter(({ points: { at } }) => at < points.at && at > points.at - this.#limits.ms);
    this.#points.push({ points, bytes });
    this.#bytes = this.#points.reduce((sum, each) => sum + each.bytes, 0);
    while (this.#bytes > this.#limits.bytes && this.#points.length > 1) this.#bytes -= this.#points.shift()?.bytes ?? 0;
  }

  /** @param time ms since the Unix epoch */
  after(time: number): readonly LivePoints[] {
    return this.#points.filter(({ points }) => points.at > time).map(({ points }) => points);
  }
}

function sizeOf({ fields }: Metric): number {
  let bytes = BYTES_PER_METRIC;
  for (const key in fields) {
    const value = fields[key];
    bytes += BYTES_PER_FIELD + (typeof value === 'string' ? value.length : 0);
  }
  return bytes;
}
