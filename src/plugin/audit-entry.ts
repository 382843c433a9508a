/** An entry of the audit log: what happened to an alert or a notification, why, and who did it. */
export interface AuditEntry {
  /** ms since the Unix epoch. */
  readonly at: number;
  /**
   * - `transition`: an alert changed (reason: the kind of event; `detail.quiet`: why it is not notified)
   * - `notification`: a notification was made (reason: that of the notification)
   * - `suppressed`: a notification was suppressed (reason: `silenced`, `muted`, `inhibited`, `acked`, `repeat`, `min_level`, …)
   * - `attempt`: delivery to a receiver was attempted (reason: `delivered`, `failed`, `gave_up`, `expired`, `coalesced`)
   * - `handover`: an alert went from an agent to its hub, or the hub learned what the agent did (reason)
   * - `silence`, `ack`: created, ended or expired (reason)
   * - `agent`: the agent started, stopped, reloaded, detected a clock jump or a damaged store (reason)
   */
  readonly kind: 'transition' | 'notification' | 'suppressed' | 'attempt' | 'handover' | 'silence' | 'ack' | 'agent';
  readonly reason: string;
  readonly fingerprint?: string;
  /** Fingerprints of other alerts that it is about, as of a notification of several. */
  readonly also?: readonly string[];
  readonly rule?: string;
  readonly host?: string;
  readonly receiver?: string;
  /** The person who did it; undefined for what the agent does. */
  readonly by?: string;
  /** Further details. */
  readonly detail?: Readonly<Record<string, unknown>>;
}
