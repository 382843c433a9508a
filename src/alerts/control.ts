/** The control API of running alerts. All times are ms since the Unix epoch. */
import type { KnownAlert, WhyAnswer } from '../api/why.ts';
import type { AlertView } from '../plugin/notification.ts';

import type { AuditEntry } from '../plugin/audit-entry.ts';
import type { HistoryFilter } from './store/history-filter.ts';

/** The current state of an alert that is not ok. */
export interface ListedAlert {
  /** While pending, `level` is the level reached, and `startsAt` the time since when. */
  readonly alert: AlertView;
  readonly state: 'pending' | 'firing' | 'recovering';
  /** Its host is not heard, so nobody knows whether it still fires. */
  readonly isUnknown?: boolean;
  /** While pending: how long after `startsAt` it fires, ms. */
  readonly firesAfter?: number;
  /** Why it is not notified now: `silenced by …`, `acknowledged by …`, `inhibited by …`, `muted until …`, `history only`. */
  readonly suppressed: readonly string[];
  /** The host whose agent has handed it to this hub; undefined: it is judged here. */
  readonly from?: { readonly id: string; readonly name: string };
}

/** Windows of a rule that have too few samples for a verdict, as after a start. */
export interface FillingWindow {
  readonly rule: string;
  /** Number of series whose window fills. */
  readonly series: number;
  /** Of the series that is filled least, ms. */
  readonly covered: number;
  readonly needed: number;
}

export interface SilenceRequest {
  /** Label → pattern, as in a route's `match`. At least one. */
  readonly match: Readonly<Record<string, string | readonly string[]>>;
  readonly from?: number;
  readonly until: number;
  readonly comment: string;
  readonly by: string;
}

export interface ListedSilence extends SilenceRequest {
  readonly id: string;
  readonly state: 'pending' | 'active' | 'expired';
  /** From the configuration: it cannot be expired through the API. */
  readonly isConfigured: boolean;
  /** Made at the hub: the same. */
  readonly isOfHub?: boolean;
}

export interface AckRequest {
  /** Of a firing alert; an unambiguous prefix is enough. */
  readonly fingerprint: string;
  readonly by: string;
  readonly comment: string;
  /** Undefined: until the alert is resolved or gets worse. */
  readonly until?: number;
}

export interface ResolveRequest {
  /** Of a firing alert; an unambiguous prefix is enough. */
  readonly fingerprint: string;
  readonly by: string;
  readonly comment: string;
}

export interface ListedRoute {
  /** Names from the root to the route. */
  readonly path: readonly string[];
  readonly receivers: readonly string[];
  /** A window without notifications is open. */
  readonly isMuted: boolean;
  /** Who is notified later, if nobody has acknowledged it by then; ms. */
  readonly later: readonly { readonly after: number; readonly receivers: readonly string[] }[];
}

export interface ListedReceiver {
  readonly name: string;
  readonly waiting: number;
  /** Age of the oldest queued message, ms. */
  readonly oldestMs: number;
  readonly sent: number;
  readonly failed: number;
  /** Why it currently fails. */
  readonly trouble: string | undefined;
  /** How long nothing has been accepted; 0 if it works. */
  readonly failingMs: number;
}

/** The request cannot be met: no such alert, an invalid matcher. The message is shown to the user. */
export class RefusedRequest extends Error {
  override readonly name = 'RefusedRequest';
}

/** @throws RefusedRequest from every method that changes something */
export interface AlertControl {
  alerts(): readonly ListedAlert[];
  /** By the beginning of ids, rules and labels; see `findAlerts`. @returns one more than `limit` if there are more */
  known(words: readonly string[], limit: number): readonly KnownAlert[];
  /**
   * Why receivers were notified of an alert, or were not. An agent asks its hub, within seconds.
   *
   * @param fingerprint of an alert of now or of the past; the beginning of it is enough
   * @throws RefusedRequest if nothing is known of it, or several begin like that
   */
  why(fingerprint: string, limit: number): Promise<WhyAnswer>;
  /** By rule; the one that takes longest first. */
  windows(): readonly FillingWindow[];
  history(filter: HistoryFilter): readonly AuditEntry[];
  silences(): readonly ListedSilence[];
  silence(request: SilenceRequest): ListedSilence;
  expireSilence(id: string, by: string): ListedSilence;
  acknowledge(request: AckRequest): ListedAlert;
  withdrawAck(fingerprint: string, by: string): ListedAlert;
  /** Ends an alert by hand, with its notifications. A sample beyond the threshold begins a new one. @returns it as it ended */
  resolve(request: ResolveRequest): AlertView;
  receivers(): readonly ListedReceiver[];
  /** The routes that an alert with these labels would take now, and whom they notify. */
  audience(labels: Readonly<Record<string, string>>): readonly ListedRoute[];
  /** Records in the audit log that somebody wrote a rule into a file of the configuration. */
  ruleWritten(rule: string, by: string, file: string): void;
  /** Records in the audit log what somebody did through the API. @param of what it was done to; may be empty */
  acted(act: string, by: string, of: string): void;
}
