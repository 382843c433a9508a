/** Aggregates over the samples of a window. Each gives undefined if there are too few samples. */
import type { SampleWindow } from './sample-window.ts';

export const WINDOW_FUNCTIONS = {
  mean: (window) => sum(window) / window.size,
  min: (window) => fold(window, Infinity, Math.min),
  max: (window) => fold(window, -Infinity, Math.max),
  last: (window) => window.valueAt(window.size - 1),
  sum,
  count: (window) => window.size,
  /** Nearest rank. */
  p95: (window) => {
    const sorted = values(window).sort((a, b) => a - b);
    return sorted[Math.ceil(sorted.length * 0.95) - 1];
  },
  /** Population standard deviation. */
  stddev: (window) => {
    const mean = sum(window) / window.size;
    return Math.sqrt(values(window).reduce((total, value) => total + (value - mean) ** 2, 0) / window.size);
  },
  /** Number of samples that differ from the one before. */
  changes: (window) => {
    let changes = 0;
    for (let index = 1; index < window.size; index += 1) {
      if (window.valueAt(index) !== window.valueAt(index - 1)) changes += 1;
    }
    return changes;
  },
  /** Last minus first; negative if it fell. */
  delta: (window) => (window.size < 2 ? undefined : window.valueAt(window.size - 1) - window.valueAt(0)),
  increase,
  /** Increase of a counter per second. */
  rate: (window) => {
    const total = increase(window);
    const seconds = (window.timeAt(window.size - 1) - window.timeAt(0)) / 1000;
    return total === undefined || seconds <= 0 ? undefined : total / seconds;
  },
} satisfies Readonly<Record<string, (window: SampleWindow) => number | undefined>>;

export type WindowFunction = keyof typeof WINDOW_FUNCTIONS;

/** Increase of a counter. A drop counts as a reset to 0. */
function increase(window: SampleWindow): number | undefined {
  if (window.size < 2) return undefined;
  let total = 0;
  for (let index = 1; index < window.size; index += 1) {
    const [before, now] = [window.valueAt(index - 1), window.valueAt(index)];
    total += now >= before ? now - before : now;
  }
  return total;
}

/**
 * When the trend reaches a value: ms after the last sample, by a least-squares line over time.
 *
 * @returns Infinity if the trend never reaches it; 0 if the last sample equals it
 */
export function timeUntil(window: SampleWindow, target: number): number | undefined {
  if (window.size < 2) return undefined;
  const end = window.timeAt(window.size - 1);
  const meanTime = fold(window, 0, (total, _value, time) => total + (time - end)) / window.size;
  const meanValue = sum(window) / window.size;
  let [covariance, variance] = [0, 0];
  for (let index = 0; index < window.size; index += 1) {
    const distance = window.timeAt(index) - end - meanTime;
    covariance += distance * (window.valueAt(index) - meanValue);
    variance += distance * distance;
  }
  const slope = covariance / variance;
  const now = meanValue - slope * meanTime;
  const time = (target - now) / slope;
  if (window.valueAt(window.size - 1) === target) return 0;
  return Number.isFinite(time) && time >= 0 ? time : Infinity;
}

function sum(window: SampleWindow): number {
  return fold(window, 0, (total, value) => total + value);
}

function fold(
  window: SampleWindow,
  start: number,
  step: (total: number, value: number, time: number) => number,
): number {
  let total = start;
  for (let index = 0; index < window.size; index += 1) {
    total = step(total, window.valueAt(index), window.timeAt(index));
  }
  return total;
}

function values(window: SampleWindow): number[] {
  return Array.from({ length: window.size }, (_, index) => window.valueAt(index));
}
