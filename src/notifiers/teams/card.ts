/** Formats a notification as an Adaptive Card 1.4 within the size limit of Teams. */
import {
  detailText,
  sinceText,
  oneLine,
  sparkline,
  tableText,
  titleOf,
  truncate,
  valueAndLimit,
  type AlertLevel,
  type AlertView,
  type Notification,
} from '../../plugin/index.ts';

/** Teams rejects messages of 28 KB, including its own envelope; this leaves room for that. Bytes of UTF-8. */
const MAX_BYTES = 20_000;
const MAX_TEXT = 1000;

type Style = 'attention' | 'warning' | 'accent' | 'good';
type Element = Readonly<Record<string, unknown>>;

const STYLES: Readonly<Record<AlertLevel, Style>> = { info: 'accent', warning: 'warning', critical: 'attention' };

interface Amount {
  readonly alerts: number;
  /** Maximum rows of each table; 0 for no tables. */
  readonly rows: number;
  readonly withFacts: boolean;
}

/** From all details to the title alone; the first that fits is used. */
const DETAIL_LEVELS: readonly Amount[] = [
  { alerts: 10, rows: 10, withFacts: true },
  { alerts: 10, rows: 3, withFacts: true },
  { alerts: 5, rows: 3, withFacts: true },
  { alerts: 1, rows: 0, withFacts: true },
  { alerts: 0, rows: 0, withFacts: false },
];

/** @returns JSON */
export function teamsCard(notification: Notification, payload: 'message' | 'card'): string {
  const start = { full: 0, short: DETAIL_LEVELS.length - 2, minimal: DETAIL_LEVELS.length - 1 }[notification.detail];
  let text = '';
  for (const amount of DETAIL_LEVELS.slice(start)) {
    text = JSON.stringify(wrapped(card(notification, amount), notification, payload));
    if (Buffer.byteLength(text) <= MAX_BYTES) break;
  }
  return text;
}

function wrapped(content: Element, notification: Notification, payload: 'message' | 'card'): Element {
  if (payload === 'card') return content;
  return {
    type: 'message',
    summary: truncate(titleOf(notification).replace(/[<>[\]*`]/g, ''), 200),
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }],
  };
}

function card(notification: Notification, amount: Amount): Element {
  const { alerts, truncated, status, level, links } = notification;
  const shown = alerts.slice(0, amount.alerts);
  const more = alerts.length - shown.length + truncated;
  const body: Element[] = [
    {
      type: 'Container',
      style: status === 'resolved' ? 'good' : STYLES[level],
      bleed: true,
      items: [text(titleOf(notification), { size: 'Large', weight: 'Bolder' })],
    },
    ...shown.flatMap((alert) => alertElements(alert, notification, amount)),
  ];
  if (more > 0 && amount.alerts > 0) body.push(text(`+${more} more`, { isSubtle: true }));
  const actions = links.map(({ title, url }) => ({ type: 'Action.OpenUrl', title, url }));
  return {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    msteams: { width: 'Full' },
    body,
    ...(actions.length === 0 ? {} : { actions }),
  };
}

function alertElements(alert: AlertView, notification: Notification, { rows, withFacts }: Amount): readonly Element[] {
  const elements: Element[] = [text(alert.summary, { weight: 'Bolder', separator: true })];
  if (alert.description !== undefined) elements.push(text(alert.description));
  if (withFacts) elements.push({ type: 'FactSet', facts: factsOf(alert, notification) });
  if (alert.trend !== undefined && rows > 0) elements.push(mono(sparkline(alert.trend)));
  const tables = rows === 0 || notification.detail !== 'full' ? [] : alert.context;
  for (const table of tables) {
    if (table.rows.length > 0) elements.push(mono(tableText({ ...table, rows: table.rows.slice(0, rows) })));
  }
  if (alert.runbook !== undefined) {
    elements.push({
      type: 'ActionSet',
      actions: [{ type: 'Action.OpenUrl', title: 'Runbook', url: alert.runbook }],
    });
  }
  return elements;
}

function factsOf(alert: AlertView, { time }: Notification): readonly Element[] {
  const others = Object.entries(alert.tags)
    .filter(([key]) => key !== 'host')
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['Server', alert.host],
    ['Value', valueAndLimit(alert)],
    ['Since', sinceText(alert, time)],
    ['About', others],
    ['Reason', detailText(alert)],
    ['Acknowledged', alert.ack === undefined ? undefined : `${alert.ack.by}: ${alert.ack.comment}`],
    ['Silenced', alert.silenced ? 'yes' : undefined],
  ];
  return rows.flatMap(([title, value]) =>
    value === undefined || value === '' ? [] : [{ title, value: escape(truncate(oneLine(value), MAX_TEXT)) }],
  );
}

function text(content: string, more: Element = {}): Element {
  return { type: 'TextBlock', text: escape(truncate(oneLine(content), MAX_TEXT)), wrap: true, ...more };
}

/** Preserves lines and indentation: Teams breaks lines only at two line feeds, and strips leading blanks. */
function mono(content: string): Element {
  const lines = content
    .split('\n')
    .map((line) => escape(line.replace(/^ +/, (blanks) => '\u00a0'.repeat(blanks.length))));
  return {
    type: 'TextBlock',
    text: truncate(lines.join('\n\n'), 4 * MAX_TEXT),
    fontType: 'Monospace',
    size: 'Small',
    wrap: true,
  };
}

/** TextBlocks support a subset of Markdown, and HTML entities. */
function escape(content: string): string {
  return content
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/[\\*_[\]()`~#]/g, String.raw`\$&`);
}
