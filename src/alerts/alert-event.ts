/** What the engine tells: an alert has changed. */
import type { AlertView } from '../plugin/notification.ts';

export interface AlertEvent {
  readonly kind: 'fired' | 'level_up' | 'level_down' | 'resolved' | 'flapping_start' | 'flapping_end';
  /** As it is after the change. `status` is resolved for `resolved`, and may be for `flapping_end`. */
  readonly alert: AlertView;
  /** When it happened, ms since the Unix epoch: the sample's time, or the clock's where time alone did it. */
  readonly at: number;
  /**
   * Why nobody is told of this change, if so: `late` (a sample of the past), `flapping`, `notify_off` (the rule is for
   * history only). It goes into the history all the same.
   */
  readonly quiet: 'late' | 'flapping' | 'notify_off' | undefined;
}
