import { once } from 'node:events';

import {
  defineInput,
  eventTimes,
  z,
  type Accumulator,
  type AuditEntry,
  type CurrentAlert,
} from '../../plugin/index.ts';

import { eventText, severityOf, textOf } from './event-text.ts';
import { metrics } from './metrics.ts';

interface Series {
  readonly tags: Readonly<Record<string, string | undefined>>;
  readonly summary: string;
}

/** Alerts as metrics: current state and audit log. */
export const alerts = defineInput({
  name: 'alerts',
  summary: 'Alerts of healthd: current state and audit log',
  config: z.strictObject({
    current: z
      .boolean()
      .default(true)
      .describe('Reports healthd_alert: all pending, firing and recovering alerts, at each interval'),
    events: z.boolean().default(true).describe('Reports healthd_alert_event: each audit log entry as it is written'),
  }),
  metrics,
  create(options, { events, clock }) {
    let before: ReadonlyMap<string, Series> = new Map();
    return {
      gather(acc) {
        if (options.current) before = reportCurrent(acc, events.alerts(), before, clock.now());
      },
      async run(acc, signal) {
        const timeOf = eventTimes();
        const end = events.onAlertEvent((entry) => {
          if (options.events) acc.add('healthd_alert_event', fieldsOf(entry), tagsOf(entry), timeOf(entry.at));
        });
        try {
          if (!signal.aborted) await once(signal, 'abort');
        } finally {
          end();
        }
      },
    };
  },
});

/**
 * Each level of an alert is a series of its own. An ended series gets a last point with `firing` 0; without it, dashboards
 * would show it as firing for their whole lookback.
 */
function reportCurrent(
  acc: Accumulator<typeof metrics>,
  current: readonly CurrentAlert[],
  before: ReadonlyMap<string, Series>,
  now: number,
): ReadonlyMap<string, Series> {
  const series = new Map<string, Series>();
  for (const { alert, state } of current) {
    const { fingerprint, rule, level, host, tags, summary, value, threshold, startsAt } = alert;
    const all = { ...tags, rule, level, host: host === '' ? undefined : host };
    const firing = state === 'pending' ? 0 : 1;
    const active_s = Math.max(0, Math.round((now - startsAt) / 1000));
    series.set(`${fingerprint} ${level}`, { tags: all, summary });
    acc.add('healthd_alert', { firing, value, threshold, active_s, state, summary }, all);
  }
  for (const [key, { tags, summary }] of before) {
    if (!series.has(key)) acc.add('healthd_alert', { firing: 0, active_s: 0, state: 'ok', summary }, tags);
  }
  return series;
}

function fieldsOf(entry: AuditEntry) {
  const { fingerprint, by, detail } = entry;
  const details = detail === undefined ? undefined : JSON.stringify(detail);
  return { message: eventText(entry), severity_code: severityOf(entry), fingerprint, by, details, count: 1 };
}

function tagsOf(entry: AuditEntry) {
  const { kind, reason, rule, host, receiver } = entry;
  return { kind, reason, rule, receiver, level: textOf(entry, 'level'), host: host === '' ? undefined : host };
}
