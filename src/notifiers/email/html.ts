/** The HTML part: only tables and inline styles, which all mail readers support; below 100 KB, where some truncate. */
import {
  detailText,
  formatValue,
  sinceText,
  spanText,
  utcTime,
  titleOf,
  valueAndLimit,
  type AlertLevel,
  type AlertView,
  type Notification,
} from '../../plugin/index.ts';

const COLOURS: Readonly<Record<AlertLevel, string>> = { info: '#1d6fd1', warning: '#b25e00', critical: '#c1121f' };
const RESOLVED = '#1a7f37';
const MUTED = 'color:#59636e;font-size:13px';
const CELL = 'padding:4px 12px 4px 0;vertical-align:top;font-size:14px';
const MAX_BYTES = 90_000;

/** @param chart Content-ID of the image */
export function htmlPart(notification: Notification, chart: string | undefined): string {
  const { alerts, detail } = notification;
  for (let shown = detail === 'short' ? 1 : alerts.length; shown > 1; shown -= 1) {
    const html = page(notification, shown, chart);
    if (Buffer.byteLength(html) <= MAX_BYTES) return html;
  }
  return page(notification, 1, chart);
}

function page(notification: Notification, shown: number, chart: string | undefined): string {
  const { alerts, truncated, status, level, links } = notification;
  const colour = status === 'resolved' ? RESOLVED : COLOURS[level];
  const title = escape(titleOf(notification));
  const more = alerts.length - shown + truncated;
  const body = [
    ...alerts.slice(0, shown).map((alert, index) => alertRows(alert, notification, index === 0 ? chart : undefined)),
    more > 0 ? row(`<p style="${MUTED}">+${more} more</p>`) : '',
    links.length === 0
      ? ''
      : row(
          links
            .map((link) => `<a href="${escape(link.url)}" style="color:#1d6fd1">${escape(link.title)}</a>`)
            .join(' · '),
        ),
  ].join('');
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark"><title>${title}</title></head>
<body style="margin:0;padding:0;background-color:#f6f8fa"><div style="display:none;max-height:0;overflow:hidden">${escape(alerts[0]?.summary ?? '')}</div>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="background-color:#f6f8fa"><tr><td align="center" style="padding:16px">
<table role="presentation" width="640" cellpadding="0" cellspacing="0" style="width:100%;max-width:640px;background-color:#ffffff;color:#1f2328;font-family:-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;border:1px solid #d1d9e0">
<tr><td style="background-color:${colour};color:#ffffff;padding:14px 20px;font-size:18px;font-weight:bold">${title}</td></tr>
${body}
</table></td></tr></table></body></html>`;
}

function row(content: string): string {
  return `<tr><td style="padding:8px 20px">${content}</td></tr>`;
}

function alertRows(alert: AlertView, notification: Notification, chart: string | undefined): string {
  return [
    row(
      `<p style="font-size:16px;font-weight:bold;margin:8px 0 4px">${escape(alert.summary)}</p>${paragraph(alert.description)}`,
    ),
    row(factTable(alert, notification)),
    chart === undefined || alert.trend === undefined ? '' : row(chartBlock(alert, chart)),
    notification.detail === 'full' ? alert.context.map((table) => row(contextTable(table))).join('') : '',
    alert.runbook === undefined ? '' : row(`<a href="${escape(alert.runbook)}" style="color:#1d6fd1">Runbook</a>`),
  ].join('');
}

function paragraph(text: string | undefined): string {
  return text === undefined ? '' : `<p style="font-size:14px;margin:0">${escape(text)}</p>`;
}

function factTable(alert: AlertView, { time }: Notification): string {
  const others = Object.entries(alert.tags).filter(([key]) => key !== 'host');
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Server', alert.host],
    ['Value', valueAndLimit(alert)],
    ['Since', sinceText(alert, time)],
    ['Ended', alert.endsAt === undefined ? undefined : utcTime(alert.endsAt)],
    ['Reason', detailText(alert)],
    ...others,
    ['Acknowledged', alert.ack === undefined ? undefined : `${alert.ack.by}: ${alert.ack.comment}`],
    ['Silenced', alert.silenced ? 'yes' : undefined],
  ];
  const rows = facts.flatMap(([name, value]) =>
    value === undefined || value === ''
      ? []
      : [`<tr><td style="${CELL};color:#59636e">${escape(name)}</td><td style="${CELL}">${escape(value)}</td></tr>`],
  );
  return `<table role="presentation" cellpadding="0" cellspacing="0">${rows.join('')}</table>`;
}

/** The labels are text outside of the image, so that they are accessible. */
function chartBlock({ trend, unit, threshold }: AlertView, chart: string): string {
  const known = (trend?.values ?? []).filter((value) => value !== null);
  const range = `${formatValue(Math.min(...known), unit)} to ${formatValue(Math.max(...known), unit)}`;
  const limit = threshold === undefined ? '' : `, limit ${formatValue(threshold, unit)} (dashed)`;
  const text = escape(`Last ${trend === undefined ? 'hour' : spanText(trend)}: ${range}${limit}`);
  const size = 'width:100%;max-width:600px;height:auto;border:0;display:block';
  const image = `<img src="cid:${chart}" width="600" height="140" alt="${text}" style="${size}">`;
  return `${image}<p style="${MUTED};margin:4px 0 0">${text}</p>`;
}

function contextTable({ title, columns, rows }: AlertView['context'][number]): string {
  if (rows.length === 0) return '';
  const head = columns.map(
    (column) => `<th align="left" style="${CELL};color:#59636e;font-weight:normal">${escape(column)}</th>`,
  );
  const body = rows.map(
    (cells) => `<tr>${cells.map((cell) => `<td style="${CELL}">${escape(cell)}</td>`).join('')}</tr>`,
  );
  return `<p style="font-size:14px;font-weight:bold;margin:8px 0 4px">${escape(title)}</p><table role="presentation" cellpadding="0" cellspacing="0"><tr>${head.join('')}</tr>${body.join('')}</table>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
