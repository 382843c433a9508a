/**
 * Lines of a host whose clock is ahead. A time of next year would be the newest one for a year, so it is put right: by the difference
 * of the clocks that the hub has measured, or to the time when it came.
 */
import type { Metric } from '../metric/metric.ts';

/** Less than that is stored as it is. ms. */
const MOST_AHEAD_MS = 600_000;
const NS_PER_MS = 1_000_000n;

export interface Corrected {
  readonly metrics: readonly Metric[];
  /** Those that were put right. */
  readonly count: number;
}

/**
 * @param now ms since the Unix epoch
 * @param offsetMs the hub's clock minus the host's
 */
export function notAhead(metrics: readonly Metric[], now: number, offsetMs = 0): Corrected {
  const most = inNs(now + MOST_AHEAD_MS);
  if (metrics.every(({ time }) => time <= most)) return { metrics, count: 0 };
  let count = 0;
  const corrected = metrics.map((metric) => {
    if (metric.time <= most) return metric;
    count += 1;
    const moved = metric.time + inNs(offsetMs);
    return { ...metric, time: moved <= most ? moved : inNs(now) };
  });
  return { metrics: corrected, count };
}

function inNs(ms: number): bigint {
  return BigInt(Math.trunc(ms)) * NS_PER_MS;
}
