/**
 * How fast something grows, such that a job that writes once or a level that goes up and down is not taken for growth.
 * Slopes are the Theil–Sen estimator: the median of the slopes of all pairs of points, which up to 29 % of bad points do not
 * move (Sen, 1968).
 */

export interface Point {
  /** ms. */
  readonly at: number;
  readonly value: number;
}

export interface Growth {
  /** Per ms. */
  readonly slope: number;
  /** Median of the newest points. */
  readonly level: number;
  /** From the first to the last point, ms. */
  readonly span: number;
}

/** Fewer say little. */
const LEAST_POINTS = 12;
const LEAST_SPAN_MS = 2 * 3_600_000;
const WINDOW_MS = 3_600_000;
const LEAST_WINDOWS = 3;
/** Part of the windows that must grow at a quarter of the pace or faster. */
const AGREEING = 0.6;
/** Part of the whole rise that it may have fallen in between. */
const MOST_FALL = 0.25;

/** @param points in the order of time @returns undefined if it does not grow steadily */
export function steadyGrowth(points: readonly Point[]): Growth | undefined {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || points.length < LEAST_POINTS) return undefined;
  const span = last.at - first.at;
  if (span < LEAST_SPAN_MS) return undefined;
  const slope = theilSen(points);
  if (!(slope > 0)) return undefined;
  const windows = windowsOf(points, first.at).filter((window) => window.length >= 4);
  const agreeing = windows.filter((window) => theilSen(window) >= slope / 4).length;
  if (windows.length < LEAST_WINDOWS - 1 || agreeing < AGREEING * windows.length) return undefined;
  if (largestFall(points) > MOST_FALL * slope * span) return undefined;
  return { slope, level: median(points.slice(-3).map(({ value }) => value)), span };
}

/** How often it fell by at least so much from one top to the next bottom. */
export function countFalls(points: readonly Point[], least: number): number {
  let [falls, top] = [0, -Infinity];
  let isFalling = false;
  let bottom = Infinity;
  for (const { value } of points) {
    if (isFalling) {
      bottom = Math.min(bottom, value);
      if (value < bottom + least / 2) continue;
      isFalling = false;
      top = value;
    }
    top = Math.max(top, value);
    if (top - value < least) continue;
    falls += 1;
    isFalling = true;
    bottom = value;
  }
  return falls;
}

function theilSen(points: readonly Point[]): number {
  const slopes: number[] = [];
  points.forEach((a, index) => {
    for (const b of points.slice(index + 1)) if (b.at > a.at) slopes.push((b.value - a.value) / (b.at - a.at));
  });
  return median(slopes);
}

function windowsOf(points: readonly Point[], from: number): readonly (readonly Point[])[] {
  const windows: Point[][] = [];
  for (const point of points) (windows[Math.floor((point.at - from) / WINDOW_MS)] ??= []).push(point);
  return windows.filter(Boolean);
}

/** Single points that stand out are left out: each counts as the median of itself and its neighbours. */
function largestFall(points: readonly Point[]): number {
  let [top, fall] = [-Infinity, 0];
  const smooth = points.map((_, at) => median(points.slice(Math.max(0, at - 1), at + 2).map(({ value }) => value)));
  for (const value of smooth.slice(1, -1)) {
    top = Math.max(top, value);
    fall = Math.max(fall, top - value);
  }
  return fall;
}

/** NaN of no values. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
}
