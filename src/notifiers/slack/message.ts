/** Formats a notification with Block Kit, inside an attachment, which is the only way to get a colour bar. */
import {
  detailText,
  formatValue,
  sinceText,
  utcTime,
  oneLine,
  spanText,
  sparkline,
  tableText,
  titleOf,
  truncate,
  valueAndLimit,
  type AlertLevel,
  type AlertView,
  type Notification,
} from '../../plugin/index.ts';

/** Slack's limits in characters (Block Kit reference), and a total that avoids `msg_blocks_too_long`. */
const LIMITS = { header: 150, section: 3000, field: 2000, fallback: 3000, total: 10_000 } as const;

const COLOURS: Readonly<Record<AlertLevel, string>> = { info: '#2f80ed', warning: '#f2994a', critical: '#d92d20' };
const RESOLVED = '#27ae60';

/** Times are shown in the time zone of the reader. */
const SLACK_DATE = '{date_short_pretty} {time_secs}';

interface Text {
  readonly type: 'mrkdwn' | 'plain_text';
  readonly text: string;
}

type Block =
  | { readonly type: 'header'; readonly text: Text }
  | { readonly type: 'section'; readonly text: Text }
  | { readonly type: 'section'; readonly fields: Text[] }
  | { readonly type: 'context'; readonly elements: Text[] }
  | { readonly type: 'divider' };

/** @param mention the option `mention` */
export function slackMessage(notification: Notification, mention: string | undefined) {
  const title = titleOf(notification);
  const prefix = mentionOf(notification, mention);
  const text = truncate(`${prefix}${escape(title)}`, LIMITS.fallback);
  if (notification.detail === 'minimal') return { text };
  const blocks = blocksOf(notification, title);
  return {
    text,
    attachments: [{ color: colourOf(notification), fallback: truncate(escape(oneLine(title)), LIMITS.header), blocks }],
  };
}

function mentionOf({ level, reason, status }: Notification, mention: string | undefined): string {
  const isNew = ['first', 'level_up', 'new_alerts', 'escalation', 'test'].includes(reason);
  if (mention === undefined || level !== 'critical' || status !== 'firing' || !isNew) return '';
  if (mention === 'here' || mention === 'channel') return `<!${mention}> `;
  return mention.startsWith('S') ? `<!subteam^${mention}> ` : `<@${mention}> `;
}

function colourOf({ status, level }: Notification): string {
  return status === 'resolved' ? RESOLVED : COLOURS[level];
}

/** Adds alerts up to the total limit; the others are only counted. */
function blocksOf(notification: Notification, title: string): Block[] {
  const { alerts, truncated, detail, links } = notification;
  const blocks: Block[] = [
    { type: 'header', text: { type: 'plain_text', text: truncate(oneLine(title), LIMITS.header) } },
  ];
  let left = LIMITS.total - sizeOf(blocks);
  let shown = 0;
  for (const alert of detail === 'short' ? alerts.slice(0, 1) : alerts) {
    const added = alertBlocks(alert, notification, shown === 0 && detail === 'full');
    if (sizeOf(added) > left) break;
    if (shown > 0) blocks.push({ type: 'divider' });
    blocks.push(...added);
    left -= sizeOf(added);
    shown += 1;
  }
  const more = alerts.length - shown + truncated;
  if (more > 0) blocks.push(context(`+${more} more`));
  if (links.length > 0)
    blocks.push(context(links.map(({ title: name, url }) => `<${url}|${escape(name)}>`).join(' · ')));
  return blocks;
}

function alertBlocks(alert: AlertView, notification: Notification, withTables: boolean): readonly Block[] {
  const blocks: Block[] = [
    section(
      `*${escape(oneLine(alert.summary))}*${alert.description === undefined ? '' : `\n${escape(alert.description)}`}`,
    ),
    { type: 'section', fields: factsOf(alert, notification) },
  ];
  if (alert.trend !== undefined) {
    const known = alert.trend.values.filter((value) => value !== null);
    const range = `${formatValue(Math.min(...known), alert.unit)} – ${formatValue(Math.max(...known), alert.unit)}`;
    blocks.push(context(`\`${sparkline(alert.trend)}\` last ${spanText(alert.trend)}, ${escape(range)}`));
  }
  const tables = withTables ? alert.context.filter(({ rows }) => rows.length > 0) : [];
  if (tables.length > 0) blocks.push(section(`\`\`\`${inCode(tables.map(tableText).join('\n'))}\`\`\``));
  if (alert.runbook !== undefined) blocks.push(context(`Runbook: <${inLink(alert.runbook)}>`));
  return blocks;
}

function factsOf(alert: AlertView, { time }: Notification): Text[] {
  const others = Object.entries(alert.tags)
    .filter(([key]) => key !== 'host')
    .map(([key, value]) => `${key}: ${value}`)
    .join(', ');
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['Server', alert.host],
    ['Value', valueAndLimit(alert)],
    ['Since', undefined],
    ['About', others],
    ['Reason', detailText(alert)],
    ['Acknowledged', alert.ack === undefined ? undefined : `${alert.ack.by}: ${alert.ack.comment}`],
    ['Silenced', alert.silenced ? 'yes' : undefined],
  ];
  return rows.flatMap(([name, value]) => {
    // The only value with intended markup.
    if (name === 'Since') return [field(name, sinceText(alert, time, slackTime(alert.startsAt)))];
    return value === undefined || value === '' ? [] : [field(name, escape(oneLine(value)))];
  });
}

function slackTime(ms: number): string {
  return `<!date^${Math.floor(ms / 1000)}^${SLACK_DATE}|${utcTime(ms)}>`;
}

function field(name: string, mrkdwn: string): Text {
  return { type: 'mrkdwn', text: truncate(`*${name}*\n${mrkdwn}`, LIMITS.field) };
}

function section(mrkdwn: string): Block {
  return { type: 'section', text: { type: 'mrkdwn', text: truncate(mrkdwn, LIMITS.section) } };
}

function context(mrkdwn: string): Block {
  return { type: 'context', elements: [{ type: 'mrkdwn', text: truncate(mrkdwn, LIMITS.field) }] };
}

/**
 * Escapes `&`, `<` and `>`, as Slack requires, which disables mentions and links. A zero-width space after the characters
 * for bold, italics, strike and code disables them; within a word they have no effect.
 */
function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/(?<!\w)[*_~`]|[*_~`](?!\w)/g, (mark) => `${mark}\u200b`);
}

/** Inside a code block only backticks are markup. */
function inCode(text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('`', "'");
  return truncate(escaped, LIMITS.section - 6);
}

function inLink(url: string): string {
  return url.replace(/[<>|\s]/g, (character) => encodeURIComponent(character));
}

/** Size as JSON. Characters. */
function sizeOf(blocks: readonly Block[]): number {
  return blocks.reduce((sum, block) => sum + JSON.stringify(block).length, 0);
}
