/** A compiled rule, as the engine sees it. Times are milliseconds. */
import type { Tags } from '../../metric/metric.ts';
import type { AlertLevel, ContextTable, Level } from '../../plugin/notification.ts';

export interface Rule {
  readonly id: string;
  /** Hash of the rule as written; a reload treats a rule with another revision as edited. */
  readonly revision: string;
  /** The tags that may identify an alert, besides `host`, which always does. Undefined: all tags of the series. */
  readonly groupBy: readonly string[] | undefined;
  /** Whether several series may feed one alert (`across`). If not, a second series is a conflict and is reported. */
  readonly merges: boolean;
  /** For routes and notifications. */
  readonly labels: Tags;
  readonly runbook: string | undefined;
  /** False: no notifications, only history and lists. */
  readonly notify: boolean;
  readonly direction: 'above' | 'below' | undefined;
  /** As in the metric catalog; empty if there is none. */
  readonly unit: string;
  /** Empty for a rule that does not compare a number. */
  readonly thresholds: Readonly<Partial<Record<AlertLevel, Threshold>>>;
  /** Undefined for a rule without limits, or whose value no single series shows. */
  readonly compared: Compared | undefined;
  readonly timing: Timing;
  readonly noData: NoData;
  readonly seriesGone: SeriesGone;
  /** A heartbeat rule. Its series survive restarts, since their absence is what fires. */
  readonly isDeadman: boolean;
  /** A rule across hosts. Then `watch` says what a series adds to the value, and to which group; an alert has no host. */
  readonly hosts?: OverHosts | undefined;
  /** Level → repeat interval of notifications, unless the route has one. */
  readonly repeat: Readonly<Partial<Record<AlertLevel, number>>>;
  /** Context to capture when an alert fires. Includes `host`, unless the rule is across hosts. */
  readonly context: readonly ContextTable['kind'][];

  /**
   * The operands that a series provides. Called once per series, so it may be slow.
   *
   * @returns undefined if the rule does not match the series
   */
  watch(measurement: string, tags: Tags): Watch | undefined;
  /**
   * Creates the evaluator of one alert, which keeps its windows.
   *
   * @param isFiring whether the alert was firing when the previous process ended
   */
  createEvaluator(isFiring?: boolean): Evaluator;
  /** Never throws: the text of a failed template contains the error. */
  summary(facts: Facts): string;
  description(facts: Facts): string | undefined;
  /** Lines for people: everything that decides, defaults included. */
  explain(): readonly string[];
}

export interface Threshold {
  /** Beyond this the level is reached. */
  readonly at: number;
  /** Until the value is no longer beyond this, the level is held. */
  readonly clear: number;
}

/** The values of one field, which a chart can show beside the limits. */
export interface Compared {
  readonly measurement: string;
  readonly field: string;
  /** The increase per second of a counter. */
  readonly isRate: boolean;
  /** The field is subtracted from this, such as idle time from 100. Undefined: it is compared as it is. */
  readonly from: number | undefined;
}

export interface Timing {
  /** How long each level must be reached without a break before it fires. Has exactly the levels of the rule. */
  readonly for: Readonly<Partial<Record<AlertLevel, number>>>;
  /** How long the alert must be cleared before it is resolved. Default 0. */
  readonly keepFiringFor: number;
  /** A longer gap between two samples restarts `for`. Undefined: three times the observed interval. */
  readonly maxGap: number | undefined;
}

/** No series of the host has reported for `after`. */
export interface NoData {
  readonly after: number;
  readonly action: 'keep' | 'ok' | 'alert';
  /** Level of the alert, with `alert`. */
  readonly level: AlertLevel;
}

/** This series has not reported for `after`. */
export interface SeriesGone {
  readonly after: number;
  readonly action: 'keep' | 'resolve';
  /** Only while other series of the measurement report; if all are silent, `NoData` applies. */
  readonly isAlone: boolean;
}

/** What one series provides to one rule. */
export interface Watch {
  /** The tags that identify the alert, sorted, without empty ones. */
  readonly identity: Tags;
  /** The fields to read, and the operands that they are. */
  readonly operands: readonly { readonly field: string; readonly operand: number }[];
}

export const HOST_FUNCTIONS = ['count', 'share', 'sum', 'mean', 'max', 'min'] as const;

/** How the values of many hosts become one. */
export interface OverHosts {
  readonly fn: (typeof HOST_FUNCTIONS)[number];
  readonly measurement: string;
  /** How long a value counts, ms. Undefined: three of its intervals. */
  readonly fresh: number | undefined;
  /** Low values are what people look for: they are named first. */
  readonly isLowBad: boolean;
  /** The value of a series from its operands; undefined if one is missing. */
  valueOf(operands: readonly (number | string | boolean | undefined)[]): number | string | boolean | undefined;
  /** Whether a host with this value is counted. */
  isCounted(value: number | string | boolean): boolean;
}

export interface Evaluator {
  /**
   * Sets an operand. Not called for a missing or non-finite value, nor for a string unless the rule compares strings.
   *
   * @param operand the number that `watch` gave the field
   * @param series all tags of the series, to name the worst of several
   */
  add(operand: number, value: number | string | boolean, time: number, series: Tags): void;
  /**
   * Called after all fields of a metric were added.
   *
   * @returns undefined if there is no verdict: an operand is missing, or a window is not covered
   */
  judge(time: number): Verdict | undefined;
  /**
   * Why there is no verdict yet: a window that fills, ms. Undefined if no window is short of samples, or none come.
   *
   * @param now ms since the Unix epoch
   */
  filling?(now: number): { readonly covered: number; readonly needed: number } | undefined;
}

export interface Verdict {
  /** The highest level that is reached. */
  readonly reached: Level;
  /** The highest level that is not cleared; at least `reached`. */
  readonly held: Level;
  /** The compared value. */
  readonly value: number | undefined;
  /** With `across`, the tags of the series with the worst value; of several such series, with lists of values. */
  readonly worst?: Tags | undefined;
}

/** Variables of templates. */
export interface Facts {
  readonly rule: string;
  readonly host: string;
  readonly level: Level;
  readonly value: number | undefined;
  readonly unit: string;
  readonly threshold: number | undefined;
  readonly tags: Tags;
  readonly labels: Tags;
  /** Milliseconds since the alert fired. */
  readonly duration: number;
  /** It fires because nothing comes, so the value is the last one. */
  readonly isMissing: boolean;
}
