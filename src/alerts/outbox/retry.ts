/** What comes after an attempt that failed. Times are ms. */
import { backoffMs } from '../../core/backoff.ts';
import type { Notification } from '../../plugin/notification.ts';

import type { Failure } from './failure.ts';

const BACKOFF = { minMs: 2000, maxMs: 300_000 };
/** However long a receiver asks to be left alone, it is asked again after this. */
const LONGEST_PAUSE_MS = 900_000;
/** How often a receiver that refuses everything is tried. */
export const PROBE_EVERY_MS = 900_000;

export type Step =
  | { readonly do: 'retry'; readonly waitMs: number }
  /** Nothing at all is sent meanwhile. */
  | { readonly do: 'pause'; readonly waitMs: number }
  | { readonly do: 'shorten'; readonly detail: Notification['detail'] }
  | { readonly do: 'probe'; readonly waitMs: number }
  | { readonly do: 'give_up' };

/**
 * @param failures in a row of this message, this one included
 * @param random in [0, 1)
 */
export function stepAfter(failure: Failure, detail: Notification['detail'], failures: number, random: number): Step {
  switch (failure.kind) {
    case 'refused':
      return detail === 'minimal'
        ? { do: 'give_up' }
        : { do: 'shorten', detail: detail === 'full' ? 'short' : 'minimal' };
    case 'target':
      return { do: 'probe', waitMs: PROBE_EVERY_MS };
    case 'throttled': {
      const asked = Math.min(failure.retryAfterMs ?? 0, LONGEST_PAUSE_MS);
      return { do: 'pause', waitMs: Math.max(asked, backoffMs(failures, BACKOFF, random)) };
    }
    case 'transient':
      return { do: 'retry', waitMs: backoffMs(failures, BACKOFF, random) };
  }
}
