/** Whether an alert has been without samples for too long, and in which way. Pure; times are by the clock's `elapsed`. */
import type { NoData, SeriesGone } from '../rules/rule.ts';

export interface Heard {
  /** The series was there. */
  readonly heardAt: number;
  /** It could be judged. */
  readonly informedAt: number;
  /** Some series of the same measurement and host was there. */
  readonly othersAt: number;
}

/** What has vanished alone, or for too long, is gone; what is silent with all the others, or says nothing that can be judged, is no data. */
export function absence(
  heard: Heard,
  now: number,
  gone: Pick<SeriesGone, 'after' | 'isAlone'>,
  noData: Pick<NoData, 'after'>,
): 'series_gone' | 'no_data' | undefined {
  const { heardAt, informedAt, othersAt } = heard;
  if (!gone.isAlone && now - heardAt >= gone.after) return 'series_gone';
  // The others went on for long enough that it is no matter of who came last in a gather.
  const isLeftBehind = gone.isAlone && othersAt - heardAt >= Math.min(gone.after, noData.after) / 2;
  if (isLeftBehind) return now - heardAt >= gone.after ? 'series_gone' : undefined;
  return now - informedAt >= noData.after ? 'no_data' : undefined;
}
