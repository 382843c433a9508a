import {
  defineNotifier,
  messageOf,
  oneLine,
  refusal,
  tableText,
  titleOf,
  truncate,
  z,
  type AlertView,
  type Notification,
} from '../../plugin/index.ts';
import { httpOptions } from '../http-options.ts';

/** Limits of the Events API v2. */
const MAX_SUMMARY = 1024;
const MAX_EVENT_BYTES = 512 * 1024;

/** Maximum number of concurrent requests. */
const PARALLEL = 4;

export const pagerduty = defineNotifier({
  name: 'pagerduty',
  summary: 'PagerDuty: one incident per alert, resolved with the alert',
  each: true,
  config: z.strictObject({
    routing_key: z
      .string()
      .min(1)
      .describe('Integration key of the service (Events API v2)')
      .meta({ secret: true, examples: ['${env:PAGERDUTY_KEY}'] }),
    url: z
      .url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
      .default('https://events.pagerduty.com/v2/enqueue')
      .describe('URL of the Events API; in the EU https://events.eu.pagerduty.com/v2/enqueue'),
    ...httpOptions,
  }),
  target: ({ routing_key: key, url }) => [key, url],
  async create({ routing_key, url, ...options }, { http, clock, readTls }) {
    const network = { proxy: options.proxy, tls: await readTls(options.tls) };
    const send = async (event: unknown, signal: AbortSignal) => {
      const body = JSON.stringify(event);
      const answer = await http({ url, ...network, headers: { 'content-type': 'application/json' }, body }, signal);
      if (answer.status !== 202) throw refusal('PagerDuty', answer, clock.now());
    };
    return {
      // PagerDuty documents no fixed limit; 60 events per minute are always accepted.
      rate: { perSecond: 1, burst: 10 },
      async notify(notification, signal) {
        const events = notification.alerts.map((alert) => eventOf(alert, notification, routing_key));
        for (let index = 0; index < events.length; index += PARALLEL) {
          await Promise.all(events.slice(index, index + PARALLEL).map((event) => send(event, signal)));
        }
      },
    };
  },
});

/** `dedup_key` is derived from the alert, so that duplicates have no effect and `resolve` finds the incident. */
function eventOf(alert: AlertView, notification: Notification, routingKey: string) {
  const target = { routing_key: routingKey, dedup_key: `healthd-${alert.fingerprint}` };
  if (alert.status === 'resolved') return { ...target, event_action: 'resolve' };
  const event = {
    ...target,
    event_action: 'trigger',
    client: 'healthd',
    ...clientUrl(alert, notification),
    links: messageOf(alone(alert, notification)).details.flatMap(({ links }) =>
      links.map(({ title, url }) => ({ href: url, text: title })),
    ),
    payload: {
      summary: titleOf(alone(alert, notification), MAX_SUMMARY),
      source: truncate(oneLine(alert.host), MAX_SUMMARY) || 'healthd',
      severity: severityOf(alert),
      timestamp: new Date(alert.startsAt).toISOString(),
      class: alert.rule,
      group: notification.groupKey,
      custom_details: notification.detail === 'full' ? detailsOf(alert, notification) : {},
    },
  };
  const isTooLarge = Buffer.byteLength(JSON.stringify(event)) > MAX_EVENT_BYTES;
  return isTooLarge ? { ...event, payload: { ...event.payload, custom_details: {} } } : event;
}

/** PagerDuty has no severity for missing data; `error` is the closest one. */
function severityOf({ level, detail }: AlertView): string {
  return detail === 'no_data' ? 'error' : level;
}

function clientUrl({ url }: AlertView, { links: [first] }: Notification): { readonly client_url?: string } {
  const page = url ?? first?.url;
  return page === undefined ? {} : { client_url: page };
}

/** PagerDuty groups by itself, so each alert is put into words alone. */
function alone(alert: AlertView, notification: Notification): Notification {
  return { ...notification, alerts: [alert], truncated: 0, unchanged: 0, counts: { firing: 1, resolved: 0 } };
}

function detailsOf(alert: AlertView, notification: Notification): Readonly<Record<string, unknown>> {
  const { tags, labels, context } = alert;
  const [details] = messageOf(alone(alert, notification)).details;
  return {
    ...(details?.description === undefined ? {} : { description: details.description }),
    ...Object.fromEntries(details?.facts ?? []),
    tags,
    labels,
    ...Object.fromEntries(context.map((table) => [table.title, tableText(table)])),
  };
}
