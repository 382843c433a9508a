/**
 * Metrics as Loki streams. A stream is a set of labels, and each one costs Loki memory and files, so only few tags become
 * labels; the others go into the line or into structured metadata.
 */
import { truncateBytes, type FieldValue, type Metric, type Tags } from '../../plugin/index.ts';
import { logView } from '../log-record.ts';

export interface StreamSettings {
  /** Whether a tag becomes a label. */
  readonly isLabel: (tag: string) => boolean;
  readonly staticLabels: Tags;
  /** Whether other tags become structured metadata. */
  readonly hasMetadata: boolean;
}

/** A stream of `/loki/api/v1/push`. */
export interface Stream {
  readonly stream: Tags;
  /** Oldest first. Times are nanoseconds, as strings, because JSON numbers are not exact. */
  readonly values: readonly Entry[];
}

/** A stream and the positions of its metrics in the batch, ascending. */
export interface PlacedStream extends Stream {
  readonly positions: readonly number[];
}

type Entry = readonly [time: string, line: string] | readonly [time: string, line: string, metadata: Tags];

/** Loki's default limits `max_label_names_per_series` and `max_label_value_length`. */
const MAX_LABELS = 15;
const MAX_VALUE_BYTES = 2048;

interface Gathered {
  readonly stream: Tags;
  readonly entries: (readonly [bigint, Entry])[];
  readonly positions: number[];
}

export function streamsOf(metrics: Iterable<Metric>, settings: StreamSettings): readonly PlacedStream[] {
  const streams = new Map<string, Gathered>();
  let position = 0;
  for (const metric of metrics) {
    const { labels, others } = splitTags(metric, settings);
    const key = JSON.stringify(labels);
    const found = streams.get(key) ?? { stream: Object.fromEntries(labels), entries: [], positions: [] };
    streams.set(key, found);
    found.entries.push([metric.time, entryOf(metric, others, settings.hasMetadata)]);
    found.positions.push(position);
    position += 1;
  }
  return [...streams.values()].map(({ stream, entries, positions }) => ({
    stream,
    positions,
    values: entries.sort(([a], [b]) => (a < b ? -1 : Number(a > b))).map(([, entry]) => entry),
  }));
}

export function isLabelName(text: string): boolean {
  return /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/.test(text);
}

type Pairs = readonly (readonly [key: string, value: string])[];

function splitTags({ name, tags }: Metric, { isLabel, staticLabels }: StreamSettings) {
  const labels = new Map([...Object.entries(staticLabels), ['measurement', name] as const].map(label));
  const others: [string, string][] = [];
  for (const [tag, value] of Object.entries(tags)) {
    const [key, text] = label([tag, value]);
    if (!isLabel(tag) || labels.has(key) || labels.size >= MAX_LABELS) others.push([tag, value]);
    else labels.set(key, text);
  }
  return { labels: [...labels], others };
}

function label([key, value]: readonly [string, string]): [string, string] {
  return [labelName(key), truncateBytes(value, MAX_VALUE_BYTES)];
}

/** Names with two leading underscores are reserved by Loki. */
function labelName(text: string): string {
  return text
    .replace(/[^a-zA-Z0-9_]/g, '_')
    .replace(/^(?=\d)/, '_')
    .replace(/^_{2,}/, '_');
}

/** The line of a log record is its text, that of a metric its fields. Tags are appended, or sent as structured metadata. */
function entryOf(metric: Metric, tags: Pairs, hasMetadata: boolean): Entry {
  const { fields, time } = metric;
  const { text: message, field: messageField } = logView(metric);
  const isLog = message !== undefined;
  const details = Object.entries(fields)
    .filter(([key]) => key !== messageField)
    .map(([key, value]) => [key, valueText(value)] as const);
  const text = isLog ? [message] : details.map(logfmt);
  // Loki compares lines by stream, time and text: those of two disks would be one if the tags were metadata only.
  if (!isLog && hasMetadata) text.push(...tags.map(logfmt));
  const rest = isLog ? [...tags, ...details] : tags;
  if (!hasMetadata) return [time.toString(), [...text, ...rest.map(logfmt)].join(' ')];
  const metadata = new Map<string, string>();
  for (const [key, value] of rest) {
    const name = labelName(key);
    // If two keys map to the same name, the second one is in the line only.
    if (!metadata.has(name)) metadata.set(name, value);
    else if (isLog) text.push(logfmt([key, value]));
  }
  const line = text.join(' ');
  return rest.length === 0 ? [time.toString(), line] : [time.toString(), line, Object.fromEntries(metadata)];
}

function valueText(value: FieldValue): string {
  return typeof value === 'string' ? value : value.toString();
}

/** `key=value`; the value is quoted if it would be ambiguous. */
function logfmt([key, value]: readonly [string, string]): string {
  // Blanks, quotes and control characters.
  const isPlain = value !== '' && !/[\s"=\\\p{Cc}]/u.test(value);
  return `${key.replace(/[\s"=\p{Cc}]/gu, '_')}=${isPlain ? value : JSON.stringify(value)}`;
}
