/** One call of a notifier, within its deadline. */
import type { Clock } from '../../core/clock.ts';
import { rejectionOf } from '../../host/deadline.ts';
import type { Notification } from '../../plugin/notification.ts';

import { failureOf, type Failure } from './failure.ts';
import type { Receiver } from './receiver.ts';

/**
 * Ends at the deadline and when `stop` aborts, whether or not the notifier listens to its signal.
 *
 * @returns undefined for success
 */
export async function attempt(
  { notifier, timeout }: Receiver,
  notification: Notification,
  clock: Clock,
  stop: AbortSignal,
): Promise<Failure | undefined> {
  const controller = new AbortController();
  let ended: 'deadline' | 'cancelled' | undefined;
  const end = (how: 'deadline' | 'cancelled', reason: DOMException) => {
    ended ??= how;
    controller.abort(reason);
  };
  const cancelDeadline = clock.after(timeout, () => {
    end('deadline', new DOMException(`no answer within ${timeout / 1000} s`, 'TimeoutError'));
  });
  const onStop = () => {
    end('cancelled', new DOMException('the agent stops', 'AbortError'));
  };
  stop.addEventListener('abort', onStop, { once: true });
  try {
    const isAborted = rejectionOf(controller.signal);
    // A copy, as a plugin may change what it is given.
    await Promise.race([notifier.notify(structuredClone(notification), controller.signal), isAborted]);
    return undefined;
  } catch (error) {
    return failureOf(error, ended);
  } finally {
    cancelDeadline();
    stop.removeEventListener('abort', onStop);
  }
}
