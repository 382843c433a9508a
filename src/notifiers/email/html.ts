/**
 * The HTML part: tables and inline styles, which all mail readers support; below 100 KB, where some truncate. Readers that
 * know style sheets show it dark on a dark screen.
 */
import {
  messageOf,
  moreText,
  oneLine,
  truncate,
  type AlertDetails,
  type AlertLine,
  type ContextTable,
  type Link,
  type Message,
  type Notification,
  type Tone,
} from '../../plugin/index.ts';

const COLOURS: Readonly<Record<Tone, string>> = {
  info: '#1d6fd1',
  warning: '#b25e00',
  critical: '#c1121f',
  resolved: '#1a7f37',
};
const DARK: Readonly<Record<Tone, string>> = {
  info: '#6cb0ff',
  warning: '#f0a04b',
  critical: '#ff7b72',
  resolved: '#56d364',
};
const FONT = "font-family:-apple-system,'Segoe UI',Helvetica,Arial,sans-serif";
const MUTED = 'color:#59636e;font-size:13px';
const CELL = 'padding:4px 12px 4px 0;vertical-align:top;font-size:14px';
const MONO = "font-family:ui-monospace,Consolas,'DejaVu Sans Mono',monospace;font-size:12px";
const MAX_BYTES = 90_000;
const MAX_CELL = 300;

const STYLE = `@media (prefers-color-scheme:dark){
.page{background-color:#0d1117!important}.card{background-color:#161b22!important;color:#e6edf3!important;border-color:#30363d!important}
.muted{color:#9198a1!important}a{color:#6cb0ff!important}.line{border-color:#30363d!important}
${Object.entries(DARK)
  .map(([tone, colour]) => `.${tone}{color:${colour}!important}`)
  .join('')}}`;

/** @param chart Content-ID of the image */
export function htmlPart(notification: Notification, chart: string | undefined): string {
  const message = messageOf(notification);
  const { overview, details } = message;
  const parts = details.map((one, index) => detailRows(one, index === 0 ? chart : undefined));
  for (let lines = overview.length; ; lines = Math.floor(lines * 0.8)) {
    // The overview goes before the details of the second and third alert.
    for (let shown = parts.length; shown >= Math.min(1, parts.length); shown -= 1) {
      const html = page(message, lines, parts.slice(0, shown));
      if (Buffer.byteLength(html) <= MAX_BYTES) return html;
    }
    if (lines === 0) return page(message, 0, []);
  }
}

function page(message: Message, lines: number, details: readonly string[]): string {
  const { tone, overview, links } = message;
  const title = escape(message.title);
  const more = moreText(message, overview.length - lines);
  const body = [
    lines === 0 ? '' : row(overview.slice(0, lines).map(overviewLine).join('')),
    more === undefined ? '' : row(`<p class="muted" style="${MUTED};margin:0">${more}</p>`),
    ...details,
    links.length === 0 ? '' : row(linksOf(links)),
  ].join('');
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark"><title>${title}</title><style>${STYLE}</style></head>
<body class="page" style="margin:0;padding:0;background-color:#f6f8fa"><div style="display:none;max-height:0;overflow:hidden">${escape(previewOf(message))}</div>
<table class="page" role="presentation" width="100%" cellpadding="0" cellspacing="0" style="background-color:#f6f8fa"><tr><td align="center" style="padding:8px">
<table class="card" role="presentation" width="640" cellpadding="0" cellspacing="0" style="width:100%;max-width:640px;background-color:#ffffff;color:#1f2328;${FONT};border:1px solid #d1d9e0">
<tr><td style="background-color:${COLOURS[tone]};color:#ffffff;padding:14px 16px;font-size:18px;line-height:1.35;font-weight:bold">${title}</td></tr>
${body}
</table></td></tr></table></body></html>`;
}

/** What a list of mails shows after the subject. */
function previewOf({ overview, details }: Message): string {
  if (overview.length > 0)
    return overview
      .slice(0, 3)
      .map(({ state, about, value }) => `${state}: ${about} ${value}`)
      .join('; ');
  return (details[0]?.facts ?? []).map(([name, value]) => `${name}: ${value}`).join(', ');
}

function row(content: string): string {
  return `<tr><td style="padding:8px 16px">${content}</td></tr>`;
}

/** The state of each alert in its own colour and in words, whatever the colour of the banner. */
function overviewLine({ tone, mark, state, about, value, id, url }: AlertLine): string {
  const shown = escape(truncate(about, MAX_CELL));
  const subject = url === undefined ? shown : anchor(shown, url);
  return `<p style="margin:0;padding:5px 0;font-size:14px;line-height:1.4">${mark} ${stateText(tone, state)} ${subject} ${escape(value)} <span class="muted" style="${MONO};color:#59636e">${id}</span></p>`;
}

function stateText(tone: Tone, state: string): string {
  return `<b class="${tone}" style="color:${COLOURS[tone]}">${escape(state)}</b>`;
}

function detailRows(
  { tone, heading, description, facts, trend, tables, links, acts, alert }: AlertDetails,
  chart: string | undefined,
): string {
  const head =
    heading === undefined
      ? ''
      : row(
          `<p class="line ${tone}" style="font-size:16px;font-weight:bold;margin:8px 0 0;padding-top:12px;border-top:1px solid #d1d9e0;color:${COLOURS[tone]}">${escape(heading)}</p>`,
        );
  const limit = alert.threshold === undefined ? '' : '; dashed: the limit';
  const shownTrend = trend === undefined ? undefined : `${trend.text}${chart === undefined ? '' : limit}`;
  return [
    head,
    description === undefined ? '' : row(`<p style="font-size:14px;margin:0">${escape(description)}</p>`),
    row(factTable(facts)),
    shownTrend === undefined ? '' : row(trendBlock(shownTrend, chart ?? trend?.bars ?? '', chart !== undefined)),
    tables.map((table) => row(contextTable(table))).join(''),
    links.length + acts.length === 0 ? '' : row(linksOf([...acts, ...links])),
  ].join('');
}

function factTable(facts: AlertDetails['facts']): string {
  const rows = facts.map(
    ([name, value]) =>
      `<tr><td class="muted" style="${CELL};color:#59636e">${escape(name)}</td><td style="${CELL};word-break:break-word">${escape(value)}</td></tr>`,
  );
  return `<table role="presentation" cellpadding="0" cellspacing="0">${rows.join('')}</table>`;
}

/** The labels are text outside of the image, so that they are accessible. */
function trendBlock(text: string, picture: string, isChart: boolean): string {
  const shown = escape(`${text.charAt(0).toUpperCase()}${text.slice(1)}`);
  const size = 'width:100%;max-width:600px;height:auto;border:0;display:block';
  const image = isChart
    ? `<img src="cid:${picture}" width="600" height="140" alt="${shown}" style="${size}">`
    : `<span style="${MONO}">${escape(picture)}</span>`;
  return `${image}<p class="muted" style="${MUTED};margin:4px 0 0">${shown}</p>`;
}

function contextTable({ title, columns, rows, note }: ContextTable): string {
  const head = `<p style="font-size:14px;font-weight:bold;margin:8px 0 4px">${escape(title)}</p>`;
  if (rows.length === 0) return `${head}<p class="muted" style="${MUTED};margin:0">${escape(note ?? '')}</p>`;
  const isLines = columns.length === 1;
  const names = columns.map(
    (column) =>
      `<th align="left" class="muted" style="${CELL};color:#59636e;font-weight:normal">${escape(column)}</th>`,
  );
  const style = isLines ? `${MONO};padding:1px 0;word-break:break-all` : CELL;
  const body = rows.map(
    (cells) =>
      `<tr>${cells.map((cell) => `<td style="${style}">${escape(truncate(cell, MAX_CELL))}</td>`).join('')}</tr>`,
  );
  return `${head}<table role="presentation" cellpadding="0" cellspacing="0">${isLines ? '' : `<tr>${names.join('')}</tr>`}${body.join('')}</table>`;
}

function linksOf(links: readonly Link[]): string {
  return `<p style="font-size:14px;margin:0">${links.map(({ title, url }) => anchor(escape(title), url)).join(' · ')}</p>`;
}

/** @param content HTML */
function anchor(content: string, url: string): string {
  return `<a href="${escape(url)}" style="color:#1d6fd1">${content}</a>`;
}

function escape(text: string): string {
  return oneLine(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
