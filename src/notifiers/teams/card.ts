/** Lays out a notification as an Adaptive Card 1.4 within the size limit of Teams. */
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

/** Teams rejects messages of 28 KB, including its own envelope; this leaves room for that. Bytes of UTF-8. */
const MAX_BYTES = 20_000;
/** Lines of the overview stop here if there are details to come. */
const OVERVIEW_BYTES = 12_000;
const MAX_SUMMARY = 200;
const MAX_TEXT = 600;
const MAX_CELL = 200;
const MAX_URL = 2000;

type Style = 'attention' | 'warning' | 'accent' | 'good';
type Element = Readonly<Record<string, unknown>>;

const STYLES: Readonly<Record<Tone, Style>> = {
  info: 'accent',
  warning: 'warning',
  critical: 'attention',
  resolved: 'good',
};

/** @returns JSON */
export function teamsCard(notification: Notification, payload: 'message' | 'card'): string {
  const message = messageOf(notification, MAX_SUMMARY);
  const parts = partsOf(message);
  const text = (body: readonly Element[]) => JSON.stringify(wrapped(cardOf(message, body), message, payload));
  const body = [...parts.first];
  // Each part is added if it fits; the title always does.
  for (const part of parts.further) {
    if (Buffer.byteLength(text([...body, ...part])) <= MAX_BYTES) body.push(...part);
  }
  return text(body);
}

function wrapped(content: Element, { title }: Message, payload: 'message' | 'card'): Element {
  if (payload === 'card') return content;
  return {
    type: 'message',
    // Shown as it is by some clients, and as Markdown by others.
    summary: title.replace(/[<>[\]*`]/g, ''),
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }],
  };
}

function cardOf({ links, details }: Message, body: readonly Element[]): Element {
  const [only] = details.length === 1 ? details : [];
  const actions = [...(only?.acts ?? []), ...(only?.links ?? []), ...links].flatMap(openUrl);
  return {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    msteams: { width: 'Full' },
    body,
    ...(actions.length === 0 ? {} : { actions }),
  };
}

function partsOf(message: Message): { readonly first: readonly Element[]; readonly further: readonly Element[][] } {
  const { title, tone, overview, details } = message;
  const banner: Element = {
    type: 'Container',
    style: STYLES[tone],
    bleed: true,
    items: [text(title, { size: 'Large', weight: 'Bolder', color: STYLES[tone] })],
  };
  const { facts, hidden } = overviewFacts(overview);
  const more = moreText(message, hidden);
  const lines: readonly Element[] = facts.length === 0 ? [] : [{ type: 'FactSet', facts, spacing: 'Medium' }];
  return {
    first: [banner, ...lines, ...(more === undefined ? [] : [text(more, { isSubtle: true })])],
    further: details.flatMap((one) => detailParts(one, details.length === 1)),
  };
}

/** The state beside the alert: a fact set keeps its columns on a phone. */
function overviewFacts(overview: readonly AlertLine[]): {
  readonly facts: readonly Element[];
  readonly hidden: number;
} {
  const facts: Element[] = [];
  let left = OVERVIEW_BYTES;
  for (const { mark, state, about, value, id, url } of overview) {
    const shown = escape(truncate(oneLine(about), MAX_CELL));
    const linked = url === undefined || url.length > MAX_URL ? shown : `[${shown}](${target(url)})`;
    const fact = { title: escape(`${mark} ${state}`), value: `${linked} ${escape(truncate(value, MAX_CELL))} (${id})` };
    left -= Buffer.byteLength(JSON.stringify(fact));
    if (left < 0) break;
    facts.push(fact);
  }
  return { facts, hidden: overview.length - facts.length };
}

/** In the order in which they are left out last. */
function detailParts(
  { heading, description, facts, trend, tables, links, acts }: AlertDetails,
  isOnly: boolean,
): Element[][] {
  const head = heading === undefined ? [] : [text(heading, { weight: 'Bolder', separator: true, spacing: 'Medium' })];
  const known = facts.map(([title, value]) => ({ title, value: escape(truncate(value, MAX_TEXT)) }));
  const actions = isOnly ? [] : [...acts, ...links].flatMap(openUrl);
  return [
    [
      ...head,
      ...(description === undefined ? [] : [text(description)]),
      { type: 'FactSet', facts: known },
      ...(actions.length === 0 ? [] : [{ type: 'ActionSet', actions }]),
    ],
    ...(trend === undefined
      ? []
      : [[mono(trend.bars, 'Small'), text(trend.text, { isSubtle: true, size: 'Small', spacing: 'None' })]]),
    ...tables.map(tableElements),
  ];
}

/** Columns made of blanks would collapse. A table of one column is lines. */
function tableElements({ title, columns, rows, note }: ContextTable): Element[] {
  const head = text(note === undefined ? title : `${title}: ${note}`, {
    weight: 'Bolder',
    size: 'Small',
    spacing: 'Medium',
  });
  if (rows.length === 0) return [head];
  const cell = (value: string | undefined) => escape(truncate(oneLine(value ?? ''), MAX_CELL));
  if (columns.length === 1) return [head, ...rows.map(([line]) => mono(truncate(oneLine(line ?? ''), MAX_CELL)))];
  const facts = rows.map(([name, ...cells]) => ({
    title: cell(name),
    value: cells.map(cell).filter(Boolean).join(', '),
  }));
  return [head, { type: 'FactSet', facts, spacing: 'Small' }];
}

function openUrl({ title, url }: Link): readonly Element[] {
  return url.length > MAX_URL || !/^https?:/i.test(url) ? [] : [{ type: 'Action.OpenUrl', title, url }];
}

function text(content: string, more: Element = {}): Element {
  return { type: 'TextBlock', text: escape(truncate(oneLine(content), MAX_TEXT)) || ' ', wrap: true, ...more };
}

function mono(content: string, spacing: 'None' | 'Small' = 'None'): Element {
  return {
    type: 'TextBlock',
    text: escape(content) || ' ',
    fontType: 'Monospace',
    size: 'Small',
    wrap: true,
    spacing,
  };
}

/** TextBlocks and fact sets support a subset of Markdown, and HTML entities. */
function escape(content: string): string {
  return content
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/[\\*_[\]()`~#]/g, String.raw`\$&`);
}

/** Within the parentheses of a link. */
function target(url: string): string {
  return url
    .replace(/[<>[\]\s\\]/g, encodeURIComponent)
    .replaceAll('(', '%28')
    .replaceAll(')', '%29');
}
