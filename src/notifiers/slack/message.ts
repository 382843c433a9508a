/** Lays out a notification with Block Kit, inside an attachment, which is the only way to get a colour bar. */
import {
  messageOf,
  moreText,
  oneLine,
  tableText,
  truncate,
  type AlertDetails,
  type AlertLine,
  type Fact,
  type Link,
  type Message,
  type Notification,
  type Tone,
} from '../../plugin/index.ts';

/**
 * Slack's limits in characters (Block Kit reference): 50 blocks, which are never reached, and these. `total` of the blocks as
 * JSON avoids `msg_blocks_too_long`.
 */
const LIMITS = { header: 150, section: 3000, field: 2000, fields: 10, total: 10_000 } as const;
/** The rest is for the details of the first few. */
const OVERVIEW_SHARE = 0.7;
const MAX_LINE = 300;
const MAX_URL = 1000;

const COLOURS: Readonly<Record<Tone, string>> = {
  info: '#2f80ed',
  warning: '#f2994a',
  critical: '#d92d20',
  resolved: '#27ae60',
};

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
  const message = messageOf(notification, LIMITS.header);
  const text = `${mentionOf(notification, mention)}${escape(message.title)}`;
  if (notification.detail === 'minimal') return { text };
  const attachment = { color: COLOURS[message.tone], fallback: escape(message.title), blocks: blocksOf(message) };
  return { text, attachments: [attachment] };
}

function mentionOf({ level, reason, status }: Notification, mention: string | undefined): string {
  const isNew = ['first', 'level_up', 'new_alerts', 'escalation', 'test'].includes(reason);
  if (mention === undefined || level !== 'critical' || status !== 'firing' || !isNew) return '';
  if (mention === 'here' || mention === 'channel') return `<!${mention}> `;
  return mention.startsWith('S') ? `<!subteam^${mention}> ` : `<@${mention}> `;
}

/** Lines and details up to the limits; the other alerts are only counted. */
function blocksOf(message: Message): Block[] {
  const { title, overview, details, links } = message;
  const blocks: Block[] = [{ type: 'header', text: { type: 'plain_text', text: title } }];
  const { sections, hidden } = overviewBlocks(overview);
  blocks.push(...sections);
  const more = moreText(message, hidden);
  if (more !== undefined) blocks.push(context(more));
  if (links.length > 0) blocks.push(context(linksText(links)));
  for (const [index, one] of details.entries()) {
    // Tables of several alerts are more than anybody reads on a phone.
    const withTables = detailBlocks(one, index === 0);
    const added = sizeOf([...blocks, ...withTables]) <= LIMITS.total ? withTables : detailBlocks(one, false);
    if (sizeOf([...blocks, ...added]) <= LIMITS.total) blocks.push(...added);
  }
  return blocks;
}

/** As many lines to a section as it takes. */
function overviewBlocks(overview: readonly AlertLine[]): {
  readonly sections: readonly Block[];
  readonly hidden: number;
} {
  const texts: string[] = [];
  let [shown, left] = [0, LIMITS.total * OVERVIEW_SHARE];
  for (const line of overview) {
    const text = lineText(line);
    // As JSON, where an emoji or a quote may count more than once.
    left -= JSON.stringify(text).length;
    if (left < 0) break;
    const last = texts.at(-1);
    if (last !== undefined && last.length + text.length < LIMITS.section) texts[texts.length - 1] = `${last}\n${text}`;
    else texts.push(text);
    shown += 1;
  }
  return { sections: texts.map(section), hidden: overview.length - shown };
}

function lineText({ mark, state, about, value, id, url }: AlertLine): string {
  const title = truncate(about, MAX_LINE);
  const subject = url === undefined ? fitted(title, escape, 2 * MAX_LINE) : link({ title, url });
  return `${mark} *${escape(state)}* ${subject} ${escape(truncate(value, MAX_LINE))} \`${id}\``;
}

function detailBlocks(details: AlertDetails, withTables: boolean): readonly Block[] {
  const { heading, description, facts, trend, tables, links, acts } = details;
  const blocks: Block[] = [];
  if (heading !== undefined) {
    blocks.push({ type: 'divider' }, section(`*${fitted(heading, escape, LIMITS.section - 2)}*`));
  }
  if (description !== undefined) blocks.push(section(fitted(description, escape, LIMITS.section)));
  blocks.push({ type: 'section', fields: facts.slice(0, LIMITS.fields).map(field) });
  if (trend !== undefined) blocks.push(context(`\`${trend.bars}\` ${escape(trend.text)}`));
  if (tables.length > 0 && withTables) {
    const text = tables.map(tableText).join('\n');
    blocks.push(section(`\`\`\`${fitted(text, inCode, LIMITS.section - 6)}\`\`\``));
  }
  const texts = [acts, links].filter(({ length }) => length > 0).map(linksText);
  if (texts.length > 0) blocks.push(context(...texts));
  return blocks;
}

function field([name, value]: Fact): Text {
  const text = name === 'Acknowledge' ? `\`${inCode(value)}\`` : fitted(value, escape, LIMITS.field - 100);
  return { type: 'mrkdwn', text: `*${name}*\n${text}` };
}

function linksText(links: readonly Link[]): string {
  return links.map(link).join(' · ');
}

/** A link that is too long for its block is shown by its title. */
function link({ title, url }: Link): string {
  const target = inEntities(url.replace(/[<>|\s]/g, (character) => encodeURIComponent(character)));
  const text = fitted(title, escape, 2 * MAX_LINE);
  return target.length > MAX_URL ? text : `<${target}|${text}>`;
}

function section(mrkdwn: string): Block {
  return { type: 'section', text: { type: 'mrkdwn', text: mrkdwn } };
}

function context(...texts: readonly string[]): Block {
  return { type: 'context', elements: texts.map((text) => ({ type: 'mrkdwn', text })) };
}

/** Cuts before escaping, so that no entity is cut. */
function fitted(text: string, escaped: (text: string) => string, max: number): string {
  let result = escaped(text);
  for (let length = Math.min(text.length, max); result.length > max; length = Math.floor(length * 0.8)) {
    result = escaped(truncate(text, length));
  }
  return result;
}

/**
 * Escapes `&`, `<` and `>`, as Slack requires, which disables mentions and links. A zero-width space after the characters
 * for bold, italics, strike and code disables them; within a word they have no effect.
 */
function escape(text: string): string {
  return inEntities(oneLine(text)).replace(/(?<!\w)[*_~`]|[*_~`](?!\w)/g, (mark) => `${mark}\u200b`);
}

/** Inside a code block only backticks are markup. */
function inCode(text: string): string {
  return inEntities(text).replaceAll('`', "'");
}

function inEntities(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** As JSON. Characters. */
function sizeOf(blocks: readonly Block[]): number {
  return JSON.stringify(blocks).length;
}
