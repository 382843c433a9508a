/** Captures context (top processes, host usage) when an alert fires; bounded. */
import type { Metric, Tags } from '../../metric/metric.ts';
import type { ContextTable } from '../../plugin/notification.ts';

export type ContextKind = ContextTable['kind'];

export interface Capture {
  /** Whether `observe` needs the metrics of this series. Called once per series. */
  wants(measurement: string, tags: Tags): boolean;
  observe(metric: Metric): void;
  /**
   * Called when an alert becomes pending: takes the first of the two readings that rates need.
   *
   * @param host of the alert; empty if the metric has no host tag
   */
  prepare(kinds: readonly ContextKind[], host: string): void;
  /** Leaves out empty tables. A table that takes too long says so. Never rejects. */
  take(kinds: readonly ContextKind[], about: Captured): readonly ContextTable[] | Promise<readonly ContextTable[]>;
}

/** The alert that fires. */
export interface Captured {
  /** Empty if the metric has no host tag. */
  readonly host: string;
  readonly measurement: string;
  /** Those that identify it, with `host`. */
  readonly tags: Tags;
}

/** In the place of a table that takes too long. */
export const NOT_IN_TIME = 'not captured in time';
