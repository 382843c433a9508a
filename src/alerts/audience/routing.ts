/** Who is notified of what, and when: the compiled form of the configuration. Times are milliseconds. */
import type { AlertLevel } from '../../plugin/notification.ts';

import type { Match, Matcher } from './matchers.ts';
import type { TimeWindow } from './time-windows.ts';

export interface Routing {
  readonly root: Route;
  /** All of the tree. */
  readonly routes: ReadonlyMap<string, Route>;
  readonly inhibitions: readonly Inhibition[];
  /** Of the configuration. */
  readonly silences: readonly ConfiguredSilence[];
  readonly receivers: ReadonlyMap<string, ReceiverSettings>;
}

/** The host's side of an entry under `notifiers`, as far as it decides what is sent. */
export interface ReceiverSettings {
  readonly name: string;
  /** Alerts that never reach this are not sent. Default: info. */
  readonly minLevel?: AlertLevel | undefined;
  /** Each of its notifications has one alert, so that alerts have no group but their own. Default: false. */
  readonly each?: boolean | undefined;
}

export interface Route {
  /** The name, or where it has none what it matches: its place does not count, so that routes can be moved about. */
  readonly id: string;
  /** Ids from the root to this one. */
  readonly path: readonly string[];
  readonly match: Match;
  readonly matches: Matcher;
  readonly receivers: readonly string[];
  /** Undefined: by everything that identifies an alert, so each alert alone. */
  readonly groupBy: readonly string[] | undefined;
  readonly groupWait: Readonly<Record<AlertLevel, number>>;
  readonly groupInterval: number;
  /** Only what was configured; Infinity is never. */
  readonly repeat: RepeatTimes;
  readonly mute: readonly TimeWindow[];
  /** When it applies; otherwise alerts take the routes after it, or its parent. Undefined: always. */
  readonly active: readonly TimeWindow[] | undefined;
  readonly escalations: readonly Escalation[];
  /** Whether the routes after this one are asked too. */
  readonly isContinued: boolean;
  readonly routes: readonly Route[];
}

export type RepeatTimes = Readonly<Partial<Record<AlertLevel, number>>>;

export interface Escalation {
  /** From the first notification of the alert. */
  readonly after: number;
  readonly unless: 'acked' | 'never';
  readonly receivers: readonly string[];
}

export interface Inhibition {
  /** The alert that silences others. */
  readonly when: Matcher;
  readonly mute: Matcher;
  /** Labels that both must have alike. */
  readonly same: readonly string[];
}

export interface ConfiguredSilence {
  readonly match: Match;
  readonly matches: Matcher;
  /** ms since the Unix epoch. */
  readonly from: number | undefined;
  readonly until: number;
  readonly comment: string;
  readonly by: string;
}

const SECOND = 1000;
const HOUR = 3_600_000;

export const DEFAULT_GROUP_WAIT: Route['groupWait'] = { info: 15 * SECOND, warning: 15 * SECOND, critical: 0 };
export const DEFAULT_GROUP_INTERVAL = 120 * SECOND;
export const DEFAULT_REPEAT: Readonly<Record<AlertLevel, number>> = {
  info: Infinity,
  warning: 24 * HOUR,
  critical: 4 * HOUR,
};

/** The route decides, then the rule, then the default. Never more often than the group is looked at. */
export function repeatAfter(route: Route, ofRule: RepeatTimes | undefined, level: AlertLevel): number {
  return Math.max(route.groupInterval, route.repeat[level] ?? ofRule?.[level] ?? DEFAULT_REPEAT[level]);
}
