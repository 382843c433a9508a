import { ALERT_LEVELS, defineNotifier, refusal, z, type AlertView, type Tags } from '../../plugin/index.ts';
import { httpOptions } from '../http-options.ts';
import { alertAnnotations, alertLabels } from '../prometheus-alert.ts';

/** Several times the interval of keepAlive, so that a failed push does not resolve an alert. */
const LIFETIME_MS = 4 * 60_000;

/** An alert of `POST /api/v2/alerts`. */
interface Posted {
  readonly labels: Tags;
  readonly annotations: Tags;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL?: string;
}

export const alertmanager = defineNotifier({
  name: 'alertmanager',
  summary: 'Prometheus Alertmanager, which then sends the notifications',
  // Alertmanager does the grouping, so it gets all alerts.
  maxAlerts: 1000,
  config: z.strictObject({
    url: z
      .url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
      .describe('URL of Alertmanager; may contain user name and password')
      .meta({ examples: ['http://localhost:9093'] }),
    bearer: z.string().min(1).optional().describe('Bearer token for the Authorization header').meta({ secret: true }),
    ...httpOptions,
  }),
  target: ({ url }) => url,
  async create({ url, bearer, ...options }, { http, clock, readTls }) {
    const network = { proxy: options.proxy, tls: await readTls(options.tls) };
    const target = new URL(url);
    target.pathname = `${target.pathname.replace(/\/$/, '')}/api/v2/alerts`;
    const headers = {
      'content-type': 'application/json',
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    };
    const post = async (alerts: readonly Posted[], signal: AbortSignal) => {
      const answer = await http({ url: target.href, ...network, headers, body: JSON.stringify(alerts) }, signal);
      if (answer.status !== 200) throw refusal('Alertmanager', answer, clock.now());
    };
    return {
      async notify({ alerts }, signal) {
        const now = clock.now();
        await post(
          alerts.flatMap((alert) => [postedOf(alert, now), ...otherLevels(alert, now)]),
          signal,
        );
      },
      async keepAlive(firing, signal) {
        const now = clock.now();
        await post(
          firing.map((alert) => postedOf(alert, now)),
          signal,
        );
      },
    };
  },
});

function postedOf(alert: AlertView, now: number): Posted {
  return { ...spanOf(alert, now), annotations: alertAnnotations(alert) };
}

/** Labels identify an alert there, so when the level changes, the alert with the old level is resolved. */
function otherLevels(alert: AlertView, now: number): readonly Posted[] {
  const ended = { ...alert, endsAt: alert.endsAt ?? now };
  const levels = ALERT_LEVELS.filter((level) => level !== alert.level);
  return levels.map((level) => ({ ...spanOf({ ...ended, level }, now), annotations: {} }));
}

function spanOf(alert: AlertView, now: number): Omit<Posted, 'annotations'> {
  return {
    labels: validLabels(alertLabels(alert)),
    startsAt: new Date(alert.startsAt).toISOString(),
    endsAt: new Date(alert.endsAt ?? now + LIFETIME_MS).toISOString(),
    ...(alert.url === undefined ? {} : { generatorURL: alert.url }),
  };
}

/** Label names may only contain letters, digits and underscores. */
function validLabels(labels: Tags): Tags {
  return Object.fromEntries(
    Object.entries(labels)
      .filter(([, value]) => value !== '')
      .map(([name, value]) => [name.replace(/^(?=\d)|[^A-Za-z0-9_]/g, '_'), value]),
  );
}
