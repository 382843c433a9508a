/** The audit log: everything that happened to alerts, who did it, and why. */
export interface AuditEntry {
  /** ms since the Unix epoch. */
  readonly at: number;
  /**
   * - `transition`: an alert changed (reason: the event's kind, detail.quiet says why nobody is told)
   * - `notification`: one was made (reason: the notification's)
   * - `suppressed`: one was not made (reason: `silenced`, `muted`, `inhibited`, `acked`, `repeat`, `min_level`, …)
   * - `attempt`: a receiver was called (reason: `delivered`, `failed`, `gave_up`, `expired`, `coalesced`)
   * - `silence`, `ack`: made, ended, expired (reason)
   * - `agent`: the agent started, stopped, reloaded, found a clock jump or a damaged store (reason)
   */
  readonly kind: 'transition' | 'notification' | 'suppressed' | 'attempt' | 'silence' | 'ack' | 'agent';
  readonly reason: string;
  readonly fingerprint?: string;
  readonly rule?: string;
  readonly host?: string;
  readonly receiver?: string;
  /** Who did it, for what people do. */
  readonly by?: string;
  /** Anything else worth keeping. */
  readonly detail?: Readonly<Record<string, unknown>>;
}
