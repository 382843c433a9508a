/**
 * Finds the lines of a batch that a server rejected, from its error message. If in doubt the result is undefined: the
 * host then finds the lines by bisecting the batch, which costs requests but is always right.
 */
import type { Batch, FieldValue, Metric } from '../../plugin/index.ts';

import type { RefusedLine, ServerMessage } from './message.ts';

/** @returns positions counted from 0, ascending; undefined if the message does not identify them */
export function refusedLines(
  message: Pick<ServerMessage, 'text' | 'lines'>,
  batch: Batch,
): readonly number[] | undefined {
  if (message.lines.length > 0) return numbered(message.lines, batch);
  if (message.text.includes(UNPARSABLE)) return unparsable(message.text, batch);
  return dropped(message.text, batch);
}

function numbered(lines: readonly RefusedLine[], batch: Batch): readonly number[] | undefined {
  const texts = textsOf(batch);
  const fits = ({ line_number, original_line }: RefusedLine) => {
    const text = texts?.[line_number - 1];
    return text !== undefined && (original_line === undefined || measurement(text) === measurement(original_line));
  };
  return lines.every(fits) ? ascending(lines.map(({ line_number }) => line_number - 1)) : undefined;
}

/** Servers may truncate or rewrite a line that they quote, but not its beginning. */
function measurement(line: string): string | undefined {
  return /^(?:\\.|[^ ,\\])*/s.exec(line)?.[0];
}

const UNPARSABLE = "unable to parse '";

/** InfluxDB 1 and 2: `unable to parse 'LINE': REASON` for each line, joined by newlines. */
function unparsable(text: string, batch: Batch): readonly number[] | undefined {
  const positions = new Map<string, number[]>();
  for (const [index, line] of (textsOf(batch) ?? []).entries()) {
    const same = positions.get(line);
    if (same === undefined) positions.set(line, [index]);
    else same.push(index);
  }
  const found: number[] = [];
  for (const report of text.split(UNPARSABLE).slice(1)) {
    const indices = quotedAtStart(report, positions);
    if (indices === undefined) return undefined;
    for (const index of indices) found.push(index);
  }
  return ascending(found);
}

/** Ends of a quotation that are tried: each compares up to 64 KB, and few lines contain `':` at all. */
const MOST_ENDS = 100;

/** The line itself may contain `': `, so every possible end of the quotation is tried. */
function quotedAtStart(report: string, positions: ReadonlyMap<string, number[]>): readonly number[] | undefined {
  let tried = 0;
  for (let end = report.indexOf("':"); end !== -1 && tried < MOST_ENDS; end = report.indexOf("':", end + 1)) {
    tried += 1;
    const indices = positions.get(report.slice(0, end));
    if (indices !== undefined) return indices;
  }
  return undefined;
}

/**
 * InfluxDB 1 and 2: `REASON dropped=COUNT`. The reason describes only the first of several conflicts, and does not
 * mention unparsable lines beside a conflict. So the result counts only if the lines that match the reason add up to
 * COUNT, and the server can parse every line of the batch.
 */
function dropped(text: string, batch: Batch): readonly number[] | undefined {
  const count = Number(/\bdropped=(\d+)/.exec(text)?.[1] ?? 0);
  if (count === 0) return undefined;
  if (count >= batch.size) return [...Array(batch.size).keys()];
  const metrics = [...batch.metrics()];
  if (metrics.length !== batch.size || !metrics.every(isSurelyParsable)) return undefined;
  const found = conflicting(text, metrics) ?? outdated(text, metrics, count);
  return found?.length === count ? found : undefined;
}

/** Nanoseconds before or after 1970: the range of an int64 without the values that InfluxDB reserves. */
const MAX_TIME = 2n ** 63n - 3n;

/** Measurement, tags and one field name together. Bytes. */
const MAX_KEY_BYTES = 65_535;

/** Four bytes of UTF-8, or an escaped character; rounded up. */
const MAX_BYTES_PER_CHARACTER = 5;

/** Conservative: InfluxDB rejects some well-formed lines, for their timestamp or the length of their key. */
function isSurelyParsable({ name, tags, fields, time }: Metric): boolean {
  const series = [name, ...Object.entries(tags).flat()].reduce((sum, text) => sum + text.length + 1, 0);
  const field = Object.keys(fields).reduce((most, key) => Math.max(most, key.length), 0);
  const isTimeInRange = time >= -MAX_TIME && time <= MAX_TIME;
  return isTimeInRange && MAX_BYTES_PER_CHARACTER * (series + field) < MAX_KEY_BYTES;
}

/** Characters. The pattern takes time cubic in the text. */
const MAX_CONFLICT = 1000;

const CONFLICT = /input field "(.*)" on measurement "(.*)" is type \w+, already exists as type (\w+)/s;

function conflicting(text: string, metrics: readonly Metric[]): readonly number[] | undefined {
  const [, field = '', name, stored = ''] = CONFLICT.exec(text.slice(0, MAX_CONFLICT)) ?? [];
  if (name === undefined) return undefined;
  return indicesOf(metrics, (metric) => {
    const value = metric.name === name ? metric.fields[field] : undefined;
    return value !== undefined && !isOfType(value, stored);
  });
}

function isOfType(value: FieldValue, stored: string): boolean {
  if (typeof value === 'bigint') return stored === 'integer' || stored === 'unsigned';
  return stored === { number: 'float', string: 'string', boolean: 'boolean' }[typeof value as 'number'];
}

/** Points beyond the retention policy are the oldest ones of the batch, as many as were dropped. */
function outdated(text: string, metrics: readonly Metric[], count: number): readonly number[] | undefined {
  if (!text.includes('points beyond retention policy')) return undefined;
  const times = metrics.map(({ time }) => time).sort((a, b) => (a < b ? -1 : Number(a > b)));
  const newest = times[count - 1] ?? 0n;
  return indicesOf(metrics, ({ time }) => time <= newest);
}

function indicesOf(metrics: readonly Metric[], matches: (metric: Metric) => boolean): readonly number[] {
  return metrics.flatMap((metric, index) => (matches(metric) ? [index] : []));
}

/** @returns undefined if a string contains a newline, so that lines cannot be told from line breaks */
function textsOf(batch: Batch): readonly string[] | undefined {
  const texts = Buffer.from(batch.lines).toString().replace(/\n$/, '').split('\n');
  return texts.length === batch.size ? texts : undefined;
}

function ascending(indices: readonly number[]): readonly number[] {
  return [...new Set(indices)].sort((a, b) => a - b);
}
