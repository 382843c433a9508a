/** Formats a notification as an e-mail: threading headers, a complete text part, HTML and a chart. */
import { leadOf, oneLine, titleOf, truncate, type AlertView, type Notification } from '../../plugin/index.ts';

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
  // A root that was never sent: every mail of the thread answers it, whichever of them a reader has.
  const root = `<t-${notification.thread.replace(/[^A-Za-z0-9.-]/g, '-')}@${domain}>`;
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

/** Of the alert that the title is about. */
async function chartOf({ alerts, reason }: Notification): Promise<Buffer | undefined> {
  const lead = leadOf(alerts);
  if (lead?.trend === undefined || lead.trend.values.length < 2 || reason === 'digest') return undefined;
  const { drawChart } = await import('./chart.ts');
  return drawChart(lead.trend, lead.unit, lead.threshold);
}

/** In a group the tags that its alerts have in common, so that the subject stays the same. */
function subjectOf(notification: Notification, style: MailSettings['subject']): string {
  if (style === 'state') return titleOf(notification, MAX_SUBJECT);
  const { alerts, groupTags, unchanged, truncated } = notification;
  const [only] = alerts;
  const isGroup = only === undefined || alerts.length + truncated + unchanged > 1;
  const about = isGroup ? Object.values(groupTags).join(' ') || 'alerts' : aboutOf(only);
  return truncate(oneLine(`[healthd] ${about}`), MAX_SUBJECT);
}

function aboutOf({ rule, host, tags }: AlertView): string {
  const others = Object.entries(tags).filter(([key]) => key !== 'host');
  return [host, rule, ...others.map(([, value]) => value)].join(' ');
}

/** RFC 3834 suppresses automatic replies; RFC 2919 (List-Id) is for filters. */
function headersOf({ alerts, status, level }: Notification, domain: string): Readonly<Record<string, string>> {
  const first = leadOf(alerts);
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
