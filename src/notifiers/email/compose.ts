/** Formats a notification as an e-mail: threading headers, a complete text part, HTML and a chart. */
import { oneLine, titleOf, truncate, type AlertView, type Notification } from '../../plugin/index.ts';

import { htmlPart } from './html.ts';
import { textPart } from './text.ts';

export interface MailSettings {
  readonly from: string;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly bcc: readonly string[];
  readonly subject: 'state' | 'stable';
  readonly chart: boolean;
  /** Name of this host, for Message-IDs. */
  readonly sender: string;
}

const MAX_SUBJECT = 200;
const CHART_ID = 'chart@healthd';

/** @returns message options of nodemailer */
export async function composeMail(notification: Notification, settings: MailSettings) {
  const { from, to, cc, bcc, sender } = settings;
  const domain = sender.replace(/[^A-Za-z0-9.-]/g, '-') || 'localhost';
  const chart = settings.chart && notification.detail === 'full' ? await chartOf(notification) : undefined;
  const root = `<e-${threadOf(notification)}@${domain}>`;
  return {
    from: { name: 'healthd', address: from },
    to: [...to],
    cc: [...cc],
    bcc: [...bcc],
    subject: subjectOf(notification, settings.subject),
    // The same for every attempt, so that duplicates can be detected.
    messageId: `<d-${notification.id}@${domain}>`,
    inReplyTo: root,
    references: [root],
    date: new Date(notification.time),
    headers: headersOf(notification, domain),
    text: textPart(notification),
    ...(notification.detail === 'minimal'
      ? {}
      : { html: htmlPart(notification, chart === undefined ? undefined : CHART_ID) }),
    ...(chart === undefined
      ? {}
      : { attachments: [{ filename: 'last-hour.png', content: chart, cid: CHART_ID, contentType: 'image/png' }] }),
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

async function chartOf({ alerts }: Notification): Promise<Buffer | undefined> {
  const trend = alerts[0]?.trend;
  if (trend === undefined || trend.values.length < 2) return undefined;
  const { drawChart } = await import('./chart.ts');
  return drawChart(trend, alerts[0]?.threshold);
}

/** One thread per alert, from firing to resolved. */
function threadOf({ alerts, groupKey }: Notification): string {
  const [first] = alerts;
  const episode = first === undefined ? groupKey : `${first.fingerprint}-${first.startsAt}`;
  return episode.replace(/[^A-Za-z0-9.-]/g, '-');
}

function subjectOf(notification: Notification, style: MailSettings['subject']): string {
  if (style === 'state') return truncate(oneLine(titleOf(notification)), MAX_SUBJECT);
  const [first] = notification.alerts;
  return truncate(oneLine(`[healthd] ${first === undefined ? '' : aboutOf(first)}`), MAX_SUBJECT);
}

function aboutOf({ rule, host, tags }: AlertView): string {
  const others = Object.entries(tags).filter(([key]) => key !== 'host');
  return [host, rule, ...others.map(([, value]) => value)].join(' ');
}

/** RFC 3834 suppresses automatic replies; RFC 2919 (List-Id) is for filters. */
function headersOf({ alerts, status, level }: Notification, domain: string): Readonly<Record<string, string>> {
  const [first] = alerts;
  const text = (value: string | undefined) => truncate(oneLine(value ?? ''), MAX_SUBJECT);
  return {
    'Auto-Submitted': 'auto-generated',
    'X-Auto-Response-Suppress': 'All',
    'List-Id': `healthd alerts <alerts.${domain}>`,
    ...(status === 'firing' && level === 'critical' ? { Importance: 'high' } : {}),
    'X-Healthd-Status': status,
    'X-Healthd-Severity': level,
    'X-Healthd-Rule': text(first?.rule),
    'X-Healthd-Host': text(first?.host),
    'X-Healthd-Fingerprint': text(first?.fingerprint),
  };
}
