/**
 * A notifier delivers notifications about alerts to people or to another alerting system. The host owns routing, grouping,
 * repeats, rate limits and retries; a notifier renders one notification and sends it within its deadline (`timeout`,
 * default 10 s). Resolving means that the service accepted it. A notification may be sent twice, with the same `id`, when
 * the outcome of an attempt is unknown.
 *
 * The error decides what happens next (`plugin/errors.ts`):
 *
 * - `TargetError`: the receiver itself is wrong (address, credentials, an archived channel); the host probes it, after 5 s at
 *   first and every 15 min in the end
 * - `PermanentError`: the service refuses this message; the host halves it until the alert that is refused is alone, sends
 *   that one again with less `detail`, and the others as they are
 * - `PartialNotifyError`: it counts as sent, and is sent again to the recipients that deferred it
 * - `RetryableError` and anything else: the host sends it again, with backoff
 *
 * `refusal()` makes the right one from an HTTP answer.
 *
 * ```ts
 * import { defineNotifier, plainText, refusal, z } from 'healthd/plugin';
 *
 * export default defineNotifier({
 *   name: 'pager',
 *   summary: 'Sends alerts to the pager as plain text',
 *   config: z.strictObject({ url: z.url().meta({ secret: true }).describe('Address of the pager; it is the secret') }),
 *   create: ({ url }, { http, clock }) => ({
 *     async notify(notification, signal) {
 *       const answer = await http({ url, body: plainText(notification) }, signal);
 *       if (answer.status >= 300) throw refusal('The pager', answer, clock.now());
 *     },
 *   }),
 * });
 * ```
 */
import type { Definition } from './definition.ts';
import type { AlertView, Notification } from './notification.ts';
import type { z } from './schema.ts';

export interface NotifierPlugin<Schema extends z.ZodType = z.ZodType> extends Definition<Schema, Notifier> {
  readonly kind: 'notifier';
  readonly api: 1;
  /** Maximum number of alerts listed in one notification; the rest is counted. Default 10. */
  readonly maxAlerts?: number;
  /** The service takes one alert per call, so each notification has exactly one. Default false. */
  readonly each?: boolean;
  /**
   * What of the options decides where notifications arrive, e.g. a URL without its credentials. Notifiers with equal targets
   * count as one receiver, and one that is renamed keeps what its receiver knows. Any JSON value. Default: all options.
   */
  target?(config: z.output<Schema>): unknown;
}

export interface Notifier {
  /** Sends one notification. The signal aborts at the deadline and at stop. */
  notify(notification: Notification, signal: AbortSignal): Promise<void>;
  /**
   * Tries the receiver without sending anything, such as the login to a mail server. Called by `healthd doctor`.
   *
   * @throws why nothing can be sent
   */
  connect?(signal: AbortSignal): Promise<void>;
  /** Maximum request rate of the service; the configuration can lower it. Default 10 per second, burst 10. */
  readonly rate?: { readonly perSecond: number; readonly burst: number };
  /**
   * Called about once a minute with all firing alerts that this receiver was notified of, for services that expire what
   * is not refreshed. Not called while there are none. Failures are logged; the next minute tries again.
   */
  keepAlive?(firing: readonly AlertView[], signal: AbortSignal): Promise<void>;
  /** What `healthd notify test` adds to "accepted", e.g. that acceptance is not delivery. */
  readonly acceptedMeans?: string;
  /** Releases what was opened. Called once, after the last notification. */
  stop?(): Promise<void> | void;
}

/** Defines a notifier; the result is the module's export. */
export function defineNotifier<Schema extends z.ZodType>(
  definition: Omit<NotifierPlugin<Schema>, 'kind' | 'api'>,
): NotifierPlugin<Schema> {
  return { kind: 'notifier', api: 1, ...definition };
}
