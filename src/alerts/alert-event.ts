/** A change of an alert, emitted by the engine. */
import type { AlertView } from '../plugin/notification.ts';

export interface AlertEvent {
  readonly kind: 'fired' | 'level_up' | 'level_down' | 'resolved' | 'flapping_start' | 'flapping_end';
  /** The alert after the change. `status` is resolved for `resolved`, and may be for `flapping_end`. */
  readonly alert: AlertView;
  /** Time of the change, ms since the Unix epoch: that of the sample, or the clock's for a change without a sample. */
  readonly at: number;
  /**
   * Why the change is not notified: `late` (an old sample), `flapping`, or `notify_off` (a history-only rule). The history
   * has it anyway. Undefined: it is notified.
   */
  readonly quiet: 'late' | 'flapping' | 'notify_off' | undefined;
  /** How long its context may take to come, milliseconds; undefined: none is on its way. */
  readonly contextFor?: number;
}
