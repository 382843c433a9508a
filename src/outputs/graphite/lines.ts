/** Graphite's plaintext protocol: each line is a name, a number and a time in seconds. */
import { unixTime, type FieldValue, type Metric, type Tags } from '../../plugin/index.ts';

export interface NameSettings {
  readonly prefix?: string | undefined;
  /** Parts of a name, in order: `host`, `measurement`, `field`, `tags`, or a tag key. */
  readonly template: readonly string[];
  readonly hasTags: boolean;
}

/** Maximum length of a line. Carbon (Twisted's `LineOnlyReceiver`) closes the connection at a longer one. Bytes. */
export const MAX_LINE_BYTES = 16_384;

export interface GraphiteText {
  readonly text: string;
  /** Positions of metrics with a line that is too long; the text has none of their lines. */
  readonly refused: readonly number[];
}

export function graphiteText(metrics: Iterable<Metric>, settings: NameSettings): GraphiteText {
  const refused: number[] = [];
  let text = '';
  let index = 0;
  for (const metric of metrics) {
    const lines = linesOf(metric, settings);
    if (lines.some((line) => Buffer.byteLength(line) > MAX_LINE_BYTES)) refused.push(index);
    else for (const line of lines) text += `${line}\n`;
    index += 1;
  }
  return { text, refused };
}

/** One line per numeric or boolean field; Graphite has no strings. */
function linesOf(metric: Metric, settings: NameSettings): readonly string[] {
  const time = unixTime(metric.time, '1s');
  return Object.entries(metric.fields).flatMap(([field, value]) => {
    if (typeof value === 'string') return [];
    const name = settings.hasTags ? taggedName(metric, field, settings) : pathOf(metric, field, settings);
    return [`${name} ${numberText(value)} ${time}`];
  });
}

function numberText(value: Exclude<FieldValue, string>): string {
  return typeof value === 'boolean' ? String(Number(value)) : value.toString();
}

function pathOf({ name, tags }: Metric, field: string, { prefix, template }: NameSettings): string {
  const parts = template.flatMap((word) => {
    if (word === 'measurement') return [node(name)];
    if (word === 'field') return fieldNodes(field);
    if (word === 'tags') return otherTags(tags, template).map(([, value]) => leaf(value));
    return [leaf(tags[word] ?? '')];
  });
  return joined(prefix, parts);
}

function taggedName({ name, tags }: Metric, field: string, { prefix }: NameSettings): string {
  const pairs = sorted(tags).map(([key, value]) => `;${tagKey(key)}=${tagValue(value)}`);
  return joined(prefix, [node(name), ...fieldNodes(field)]) + pairs.join('');
}

/** A field named `value` adds nothing to the name, as in Telegraf. */
function fieldNodes(field: string): readonly string[] {
  return field === 'value' ? [] : [node(field)];
}

function joined(prefix: string | undefined, parts: readonly string[]): string {
  return [prefix ?? '', ...parts].filter((part) => part !== '').join('.');
}

function otherTags(tags: Tags, template: readonly string[]): readonly (readonly [string, string])[] {
  return sorted(tags).filter(([key]) => !template.includes(key));
}

/** By the bytes of the keys, as in Telegraf, so that series keep their names after a migration. */
function sorted(tags: Tags): readonly (readonly [string, string])[] {
  return Object.entries(tags).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** A part of a name, in which dots separate levels. */
function node(text: string): string {
  return text
    .replace(/[/@*]/g, '-')
    .replaceAll('\\', '')
    .replace(/[^\p{L}\p{N}_:.=-]/gu, '_')
    .replace(/\.{2,}/g, '.')
    .replace(/^\.|\.$/g, '');
}

/** A single level, for values whose dots are no separators, such as host names and addresses. */
function leaf(text: string): string {
  return node(text.replaceAll('.', '_'));
}

/** Graphite forbids `;!^=` in tag keys; blanks would end the name. The tag `name` is the metric's own. */
function tagKey(key: string): string {
  return withoutBlanks(key)
    .replace(/[;!^=]/g, '_')
    .replace(/^name$/, 'name_');
}

/** Graphite forbids `;` and a leading `~` in tag values. */
function tagValue(value: string): string {
  return withoutBlanks(value).replaceAll(';', '_').replace(/^~/, '_');
}

function withoutBlanks(text: string): string {
  return text.replace(/[\s\p{C}]/gu, '_');
}
