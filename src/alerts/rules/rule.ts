/** What the engine knows of a rule, however it was written. Times are milliseconds. */
import type { Tags } from '../../metric/metric.ts';
import type { AlertLevel, ContextTable, Level } from '../../plugin/notification.ts';

export interface Rule {
  readonly id: string;
  /** Equal for two rules exactly if nothing that matters differs. For reload. */
  readonly revision: string;
  /** The tags that make an alert one of its kind, without `host`, which always counts. Undefined: all tags of the series. */
  readonly groupBy: readonly string[] | undefined;
  /** True if several series may feed one alert (a sum, the worst of them). Otherwise that is a mistake, and is reported. */
  readonly merges: boolean;
  /** For routing and people. */
  readonly labels: Tags;
  readonly runbook: string | undefined;
  /** False: for history, `healthd alerts` and the page only. */
  readonly notify: boolean;
  readonly direction: 'above' | 'below' | undefined;
  /** As in the metric catalog; empty if there is none. */
  readonly unit: string;
  /** The lines of a rule that has numbers. */
  readonly thresholds: Readonly<Partial<Record<AlertLevel, Threshold>>>;
  readonly timing: Timing;
  readonly noData: NoData;
  readonly seriesGone: SeriesGone;
  /** Series are remembered over restarts, as their silence is what matters. */
  readonly isDeadman: boolean;
  /** How often it is said again, where the route does not decide: level → time. */
  readonly repeat: Readonly<Partial<Record<AlertLevel, number>>>;
  /** What is captured at the sample that fires. `host` is always among it. */
  readonly context: readonly ContextTable['kind'][];

  /**
   * What the rule takes of a series. Asked once for each series, so it may cost.
   *
   * @returns undefined if the rule is not about it
   */
  watch(measurement: string, tags: Tags): Watch | undefined;
  /**
   * Keeps the windows of one alert, and judges.
   *
   * @param isFiring the alert fired when the process before this one ended
   */
  createEvaluator(isFiring?: boolean): Evaluator;
  /** Never throws: a template that fails gives a text that says so. */
  summary(facts: Facts): string;
  description(facts: Facts): string | undefined;
}

export interface Threshold {
  readonly at: number;
  readonly clear: number;
}

export interface Timing {
  /** How long each level has to be reached, without a break, before it fires. Levels that the rule does not have are absent. */
  readonly for: Readonly<Partial<Record<AlertLevel, number>>>;
  /** How long the clear line has to be passed before it ends. Default 0. */
  readonly keepFiringFor: number;
  /** A longer silence between two samples starts what is pending anew. Undefined: three times the interval seen. */
  readonly maxGap: number | undefined;
}

/** When no series of the host has reported for `after`. */
export interface NoData {
  readonly after: number;
  readonly action: 'keep' | 'ok' | 'alert';
  /** Of the alert, for `alert`. */
  readonly level: AlertLevel;
}

/** When this series has vanished. */
export interface SeriesGone {
  readonly after: number;
  readonly action: 'keep' | 'resolve';
  /** Only while others of the measurement report: what is silent with all the others is no data. */
  readonly isAlone: boolean;
}

/** What one rule takes of one series. */
export interface Watch {
  /** The tags that identify the alert, sorted, without empty ones. */
  readonly identity: Tags;
  /** The fields to read and what they are for the evaluator. */
  readonly operands: readonly { readonly field: string; readonly operand: number }[];
}

export interface Evaluator {
  /**
   * A field's value. Not called for what is missing, not a number (unless the rule compares texts) or not finite.
   *
   * @param operand the number that `watch` gave the field
   * @param series all tags of the series, to name the worst of several
   */
  add(operand: number, value: number | string | boolean, time: number, series: Tags): void;
  /**
   * Called after all fields of a metric were added.
   *
   * @returns undefined if it cannot be told: an operand is missing, a window is not covered
   */
  judge(time: number): Verdict | undefined;
}

/** What the values say. */
export interface Verdict {
  /** The highest level whose trigger holds. */
  readonly reached: Level;
  /** The highest level whose clear line is not passed yet; at least `reached`. */
  readonly held: Level;
  /** What was compared. */
  readonly value: number | undefined;
  /** Of several series that are one alert, the tags of the one that counts. */
  readonly worst?: Tags | undefined;
}

/** What templates can use. */
export interface Facts {
  readonly rule: string;
  readonly host: string;
  readonly level: Level;
  readonly value: number | undefined;
  readonly unit: string;
  readonly threshold: number | undefined;
  readonly tags: Tags;
  readonly labels: Tags;
  /** Milliseconds since it began to fire. */
  readonly duration: number;
}
