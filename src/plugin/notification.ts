/** A notification about alerts: one model, rendered by each notifier for its channel. Times are ms since the Unix epoch. */
import type { Tags } from '../metric/metric.ts';

/** Levels of an alert, by increasing severity. */
export const ALERT_LEVELS = ['info', 'warning', 'critical'] as const;
export type AlertLevel = (typeof ALERT_LEVELS)[number];

/** The same with `ok`, which is no alert. */
export const LEVELS = ['ok', ...ALERT_LEVELS] as const;
export type Level = (typeof LEVELS)[number];

/** Severity: 0 for `ok`, 3 for `critical`. */
export function rank(level: Level): number {
  return LEVELS.indexOf(level);
}

/** Why a notification is sent: the first reason of this list that applies. */
export const REASONS = [
  'test',
  'late',
  'flapping_start',
  'flapping_end',
  'first',
  'level_up',
  'new_alerts',
  'all_resolved',
  'some_resolved',
  'level_down',
  'unmuted',
  'escalation',
  'repeat',
  'digest',
] as const;
export type NotificationReason = (typeof REASONS)[number];

/** An alert at the time when the notification was made. */
export interface AlertView {
  /** 16 hex digits; identifies the alert in all notifications. */
  readonly fingerprint: string;
  /** Id of the rule. */
  readonly rule: string;
  /** Empty if the metric has no tag `host`. */
  readonly host: string;
  readonly status: 'firing' | 'resolved';
  /** While firing, the current level; when resolved, the highest that was reached. */
  readonly level: AlertLevel;
  readonly previousLevel: Level;
  /** One line, e.g. `Disk /var on web1 is 96 % full`. When resolved, as it was at the highest level. */
  readonly summary: string;
  readonly description: string | undefined;
  /** A URL. */
  readonly runbook: string | undefined;
  /** The newest value; undefined if the rule has none (an expression) or there is no sample. */
  readonly value: number | undefined;
  /** The value when it fired, or rose to its highest level; undefined if it had none, as when data is missing. */
  readonly firedValue: number | undefined;
  /** When the last data came, while it fires because data is missing; undefined otherwise, or if that is not known. */
  readonly silentSince: number | undefined;
  /** As in the metric catalog: `percent`, `bytes`, `ms`, …; empty if it has none. */
  readonly unit: string;
  /** Limits that reach and that clear the level. */
  readonly threshold: number | undefined;
  readonly clear: number | undefined;
  /** `above`: high values are bad. */
  readonly direction: 'above' | 'below' | undefined;
  /** When it began to fire. */
  readonly startsAt: number;
  /** Undefined while firing. */
  readonly endsAt: number | undefined;
  /** The tags that identify it within its rule, e.g. `{ host: 'web1', path: '/var' }`. */
  readonly tags: Tags;
  /** From the rule; for routing and for people. */
  readonly labels: Tags;
  /** The value over the last hour; undefined without samples. */
  readonly trend: Trend | undefined;
  /** Context captured when it fired: top processes, host usage. */
  readonly context: readonly ContextTable[];
  readonly ack: Acknowledgement | undefined;
  /** Whether a silence matches it. Resolved notifications are sent despite a silence if a firing one was sent. */
  readonly silenced: boolean;
  /** Whether it flaps: notified once, then when flapping ends. */
  readonly flapping: boolean;
  /**
   * Why it was resolved, other than by recovery (`series_gone`, `input_removed`, `host_renamed`, `host_forgotten`, `rule_removed`,
   * `rule_changed`, `no_data`, `by hand: …`), or why it fires (`no_data`).
   */
  readonly detail: string | undefined;
  /** Page of the alert, if `alerts.public_url` is set; absent outside of notifications. */
  readonly url?: string;
  /** What this notification says about the alert; absent outside of notifications. */
  readonly change?: {
    /** The same when it is said again after an unknown outcome, also within another notification. 32 hex digits. */
    readonly id: string;
    readonly kind: ChangeKind;
  };
}

/**
 * - `fired`: the receiver does not know of it yet
 * - `worse`, `better`: another level
 * - `flapping`, `calm`: it began or ended flapping
 * - `ended`: it is resolved; `missed`: it fired and was resolved before the receiver heard of it
 * - `repeat`: unchanged for the repeat interval
 */
export const CHANGE_KINDS = ['fired', 'worse', 'better', 'flapping', 'calm', 'ended', 'missed', 'repeat'] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** Evenly spaced means, oldest first, at most 60; null without samples. */
export interface Trend {
  readonly since: number;
  readonly until: number;
  readonly values: readonly (number | null)[];
}

export interface Acknowledgement {
  readonly by: string;
  readonly comment: string;
  readonly at: number;
}

export const CONTEXT_KINDS = ['host', 'top_cpu', 'top_memory', 'containers', 'source'] as const;

/**
 * Rows of cells; the first cell is a name. `host` has the rows CPU, Memory and Disk. `source` is what the input says about
 * the object of the alert: a container's exit code, the last lines of its log. A table of one column is plain lines.
 */
export interface ContextTable {
  readonly kind: (typeof CONTEXT_KINDS)[number];
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Why there are no rows, e.g. `not captured in time`. */
  readonly note?: string | undefined;
}

export interface Notification {
  /** The same for all attempts to send this notification. Letters, digits and `-` only. */
  readonly id: string;
  /** Name of the entry in `notifiers`. */
  readonly receiver: string;
  readonly reason: NotificationReason;
  /** `firing` if any alert fires. */
  readonly status: 'firing' | 'resolved';
  /** The highest level of the firing alerts; if none fires, of all. */
  readonly level: AlertLevel;
  /** The same for all notifications of one group, e.g. `pages:{host="web1"}`. */
  readonly groupKey: string;
  readonly groupTags: Tags;
  /** Firing before resolved, then by decreasing level; at least one. */
  readonly alerts: readonly AlertView[];
  /** Number of further alerts that `alerts` does not list. */
  readonly truncated: number;
  /** Number of alerts of the group that fire as the receiver knows already. */
  readonly unchanged: number;
  /** Alerts that fire, including the unchanged ones, and alerts that this notification resolves; listed or not. */
  readonly counts: { readonly firing: number; readonly resolved: number };
  /** The same from the first alert of the group until all of them are resolved. */
  readonly thread: string;
  /** Counts the repeats of an unchanged state; 0 for the first notification. */
  readonly reminder: number;
  /** When it was made. */
  readonly time: number;
  /** IANA name of the zone in which times are shown. */
  readonly timeZone: string;
  readonly links: readonly Link[];
  /** Only these are to be reached: all others have accepted it. From a `PartialNotifyError`. */
  readonly recipients?: readonly string[];
  /**
   * How much to render: everything (`full`); after a refusal `short` (one alert, no tables, no chart); after another refusal
   * `minimal` (title and counts as plain text).
   */
  readonly detail: 'full' | 'short' | 'minimal';
}

export interface Link {
  readonly title: string;
  readonly url: string;
}
