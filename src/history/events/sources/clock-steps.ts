/** Steps of the system clock, against the time that has elapsed. */
import type { Instant } from '../../../core/clock.ts';
import { humanDuration } from '../../../plugin/message-text.ts';
import type { HistoryEvent } from '../../access.ts';

/** NTP slews what is less than half a second. ms */
const LEAST_MS = 2000;

export class ClockSteps {
  #offset: number | undefined;

  update({ wall, elapsed }: Instant): HistoryEvent | undefined {
    const offset = wall - elapsed;
    const step = this.#offset === undefined ? 0 : offset - this.#offset;
    this.#offset = offset;
    if (Math.abs(step) < LEAST_MS) return undefined;
    // The monotonic clock stands still while a machine sleeps.
    const what = step < 0 ? 'The clock was set back by' : 'The clock was set forward, or the host slept, by';
    return { at: wall, kind: 'clock', level: 'warning', title: `${what} ${humanDuration(Math.abs(step))}` };
  }
}
