/** What the engine asks for when an alert fires: what was going on then. */
import type { Metric, Tags } from '../../metric/metric.ts';
import type { ContextTable } from '../../plugin/notification.ts';

export type ContextKind = ContextTable['kind'];

export interface Capture {
  /** Whether metrics of this series are to be shown to `observe`. Asked once for each series. */
  wants(measurement: string, tags: Tags): boolean;
  observe(metric: Metric): void;
  /**
   * An alert may fire soon: what needs two measurements begins with the first.
   *
   * @param host the alert's; empty if the metric has none
   */
  prepare(kinds: readonly ContextKind[], host: string): void;
  /** Tables without rows are left out. Rejects never; what takes too long is left out as well. */
  take(kinds: readonly ContextKind[], host: string): readonly ContextTable[] | Promise<readonly ContextTable[]>;
}
