/** The live view: while somebody looks, some inputs are gathered each second into a ring in memory, and nowhere else. */
import type { ProcessFrame } from '../host/processes/frame.ts';
import type { Metric } from '../metric/metric.ts';

/** The points of one second. */
export interface LivePoints {
  /** ms since the Unix epoch. */
  readonly at: number;
  readonly metrics: readonly Metric[];
}

export interface LiveListener {
  onPoints(points: LivePoints): void;
  /** Every two seconds. */
  onProcesses(frame: ProcessFrame): void;
}

export interface LiveSource {
  /** What the ring holds after a time, oldest first: at most 5 minutes. */
  recent(after: number): readonly LivePoints[];
  /** Gathers while at least one listener is there, and for 10 s after the last. @returns ends it */
  watch(listener: LiveListener): () => void;
}
