/** What people can ask of running alerts, and do to them. All times are ms since the Unix epoch. */
import type { AlertView } from '../plugin/notification.ts';

import type { AuditEntry } from '../plugin/audit-entry.ts';
import type { HistoryFilter } from './store/history-filter.ts';

/** An alert that is not ok, as it is now. */
export interface ListedAlert {
  /** While pending, `level` is the one that is reached, and `startsAt` since when. */
  readonly alert: AlertView;
  readonly state: 'pending' | 'firing' | 'recovering';
  /** Why nobody is told at present: `silenced by …`, `acknowledged by …`, `inhibited by …`, `muted until …`, `history only`. */
  readonly suppressed: readonly string[];
}

/** What is asked for when a silence is made. */
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
  /** Of the configuration: it cannot be expired here. */
  readonly isConfigured: boolean;
}

export interface AckRequest {
  /** Of an alert that fires; its beginning is enough if that is unambiguous. */
  readonly fingerprint: string;
  readonly by: string;
  readonly comment: string;
  /** Undefined: until it ends or gets worse. */
  readonly until?: number;
}

export interface ListedReceiver {
  readonly name: string;
  readonly waiting: number;
  /** Age of the oldest message that waits, ms. */
  readonly oldestMs: number;
  readonly sent: number;
  readonly failed: number;
  /** Why it does not work at present. */
  readonly trouble: string | undefined;
}

/** The request cannot be met: no such alert, a bad matcher. The text is for whoever asked. */
export class RefusedRequest extends Error {
  override readonly name = 'RefusedRequest';
}

/** @throws RefusedRequest from whatever changes something */
export interface AlertControl {
  alerts(): readonly ListedAlert[];
  history(filter: HistoryFilter): readonly AuditEntry[];
  silences(): readonly ListedSilence[];
  silence(request: SilenceRequest): ListedSilence;
  expireSilence(id: string, by: string): ListedSilence;
  acknowledge(request: AckRequest): ListedAlert;
  withdrawAck(fingerprint: string, by: string): ListedAlert;
  receivers(): readonly ListedReceiver[];
}
