/** Metrics in Graphite's plaintext protocol: a name, a number and a time in seconds on each line. */
import { unixTime, type FieldValue, type Metric, type Tags } from '../../plugin/index.ts';

export interface NameSettings {
  readonly prefix?: string | undefined;
  /** What names are made of, in this order. */
  readonly template: readonly string[];
  readonly hasTags: boolean;
}

/** Bytes of a line. Carbon (Twisted's `LineOnlyReceiver`) closes the connection at a longer one, with all that follows it. */
export const MAX_LINE_BYTES = 16_384;

export interface GraphiteText {
  readonly text: string;
  /** Positions of metrics whose lines would be too long; nothing of them is in the text. */
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

/** One for each field that is a number or a boolean; text has no place in Graphite. */
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

/** Telegraf has no word in the name for a field that is only called value. */
function fieldNodes(field: string): readonly string[] {
  return field === 'value' ? [] : [node(field)];
}

function joined(prefix: string | undefined, parts: readonly string[]): string {
  return [prefix ?? '', ...parts].filter((part) => part !== '').join('.');
}

function otherTags(tags: Tags, template: readonly string[]): readonly (readonly [string, string])[] {
  return sorted(tags).filter(([key]) => !template.includes(key));
}

/** As Telegraf sorts them, so that a series keeps its name: by the bytes of the keys. */
function sorted(tags: Tags): readonly (readonly [string, string])[] {
  return Object.entries(tags).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** Part of a name, in which dots make further levels. */
function node(text: string): string {
  return text
    .replace(/[/@*]/g, '-')
    .replaceAll('\\', '')
    .replace(/[^\p{L}\p{N}_:.=-]/gu, '_')
    .replace(/\.{2,}/g, '.')
    .replace(/^\.|\.$/g, '');
}

/** The same without levels: in a host name or an address dots are just characters. */
function leaf(text: string): string {
  return node(text.replaceAll('.', '_'));
}

/** Graphite forbids `;!^=` in keys; blanks would end the name. */
function tagKey(key: string): string {
  return unbroken(key).replace(/[;!^=]/g, '_');
}

/** Graphite forbids `;`, and a `~` at the beginning. */
function tagValue(value: string): string {
  return unbroken(value).replaceAll(';', '_').replace(/^~/, '_');
}

function unbroken(text: string): string {
  return text.replace(/[\s\p{C}]/gu, '_');
}
