/** What a person is told about alerts: one model, rendered by each notifier in its own way. Times are ms since the Unix epoch. */
import type { Tags } from '../metric/metric.ts';

/** Levels of an alert, from harmless to harmful. */
export const ALERT_LEVELS = ['info', 'warning', 'critical'] as const;
export type AlertLevel = (typeof ALERT_LEVELS)[number];

/** The same with `ok`, which is no alert. */
export const LEVELS = ['ok', ...ALERT_LEVELS] as const;
export type Level = (typeof LEVELS)[number];

/** 0 for ok, higher for worse. */
export function rank(level: Level): number {
  return LEVELS.indexOf(level);
}

/** Why a notification is sent. Each has exactly one reason, the first of these that applies. */
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

/** One alert, as it was when the notification was made. */
export interface AlertView {
  /** 16 hex digits; the same for all that is ever told about this alert. */
  readonly fingerprint: string;
  /** Id of the rule. */
  readonly rule: string;
  /** Empty if the metric has no tag `host`. */
  readonly host: string;
  readonly status: 'firing' | 'resolved';
  /** While firing the present one; after the end the highest that was reached. */
  readonly level: AlertLevel;
  readonly previousLevel: Level;
  /** One line, e.g. `Disk /var on web1 is 96 % full`. */
  readonly summary: string;
  readonly description: string | undefined;
  /** A URL. */
  readonly runbook: string | undefined;
  /** The newest one; undefined when the rule has no number (an expression) or no sample is at hand. */
  readonly value: number | undefined;
  /** As in the metric catalog: `percent`, `bytes`, `ms`, …; empty if it has none. */
  readonly unit: string;
  /** The limit of the level, and the one that has to be passed back. */
  readonly threshold: number | undefined;
  readonly clear: number | undefined;
  /** `above` when too much is bad. */
  readonly direction: 'above' | 'below' | undefined;
  /** When it began to fire: one episode has one start. */
  readonly startsAt: number;
  /** Undefined while firing. */
  readonly endsAt: number | undefined;
  /** What it is about: the rule's identity tags, e.g. `{ host: 'web1', path: '/var' }`. */
  readonly tags: Tags;
  /** From the rule, for routing and people. */
  readonly labels: Tags;
  /** The value over the last hour. Undefined when there is none. */
  readonly trend: Trend | undefined;
  /** What was going on when it fired. */
  readonly context: readonly ContextTable[];
  readonly ack: Acknowledgement | undefined;
  /** A silence covers it: said with an end that is told all the same. */
  readonly silenced: boolean;
  /** It comes and goes: told once, then when it has calmed down. */
  readonly flapping: boolean;
  /** Why it ended if not by recovering (`series_gone`, `rule_removed`, `no_data`), or why it fires (`no_data`). */
  readonly detail: string | undefined;
}

/** Evenly spaced means, oldest first, at most 60; null where nothing was measured. */
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

/** Rows of cells, the first of them a name. `host` has the rows CPU, Memory and Disk of the host at that moment. */
export interface ContextTable {
  readonly kind: 'host' | 'top_cpu' | 'top_memory' | 'containers';
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface Notification {
  /** Equal for every attempt to send this very notification. Letters, digits and `-` only. */
  readonly id: string;
  /** Name of the entry under `notifiers`. */
  readonly receiver: string;
  readonly reason: NotificationReason;
  /** `firing` if any alert fires. */
  readonly status: 'firing' | 'resolved';
  /** The highest of the alerts that fire; of all if none does. */
  readonly level: AlertLevel;
  /** Equal for all notifications of one group, e.g. `pages:{host="web1"}`. */
  readonly groupKey: string;
  readonly groupTags: Tags;
  /** Firing before resolved, the worst first; at least one. */
  readonly alerts: readonly AlertView[];
  /** How many more there are than `alerts` has. */
  readonly truncated: number;
  /** 0 for the first notification, then counting the repeats of an unchanged state. */
  readonly reminder: number;
  /** When it was made. */
  readonly time: number;
  readonly links: readonly Link[];
  /**
   * How much the receiver can take. Everything at first; `short` (one alert, no tables, no chart) when that was refused
   * as it was, `minimal` (title and counts as plain text) when that was refused too.
   */
  readonly detail: 'full' | 'short' | 'minimal';
}

export interface Link {
  readonly title: string;
  readonly url: string;
}
