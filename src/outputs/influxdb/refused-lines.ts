/**
 * Which lines of a batch a server means when it says that it refused some. Anything doubtful is "unknown": then the host
 * finds the lines by halving the batch, which costs requests but cannot be wrong.
 */
import type { Batch, FieldValue, Metric } from '../../plugin/index.ts';

import type { RefusedLine, ServerMessage } from './message.ts';

/** @returns positions counted from 0, ascending; undefined if the message does not tell */
export function refusedLines(message: ServerMessage, batch: Batch): readonly number[] | undefined {
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

/** Servers shorten or rewrite a line that they repeat, but not its beginning. */
function measurement(line: string): string | undefined {
  return /^(?:\\.|[^ ,\\])*/s.exec(line)?.[0];
}

const UNPARSABLE = "unable to parse '";

/** InfluxDB 1 and 2: `unable to parse 'LINE': REASON`, one for each line, joined by newlines. */
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
    found.push(...indices);
  }
  return ascending(found);
}

/** The line may hold `': ` itself, so each place where the quotation might end is tried. */
function quotedAtStart(report: string, positions: ReadonlyMap<string, number[]>): readonly number[] | undefined {
  for (let end = report.indexOf("':"); end !== -1; end = report.indexOf("':", end + 1)) {
    const indices = positions.get(report.slice(0, end));
    if (indices !== undefined) return indices;
  }
  return undefined;
}

/**
 * InfluxDB 1 and 2: `REASON dropped=COUNT`. Only the first of several conflicts is described, and lines that could not be
 * parsed are not mentioned beside a conflict; so what the reason describes must account for the whole count, in a batch
 * of which the server can parse every line.
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

/** Nanoseconds, either way of 1970: what is left of 64 bits, of which InfluxDB keeps some values for itself. */
const MAX_TIME = 2n ** 63n - 3n;

/** Of measurement, tags and one field's name together. Bytes. */
const MAX_KEY_BYTES = 65_535;

/** A character may take four bytes, or be escaped. */
const MAX_BYTES_PER_CHARACTER = 5;

/** Lines may be well-formed, and InfluxDB cannot parse them all the same. */
function isSurelyParsable({ name, tags, fields, time }: Metric): boolean {
  const series = [name, ...Object.entries(tags).flat()].reduce((sum, text) => sum + text.length + 1, 0);
  const field = Math.max(...Object.keys(fields).map((key) => key.length));
  const isTimeKept = time >= -MAX_TIME && time <= MAX_TIME;
  return isTimeKept && MAX_BYTES_PER_CHARACTER * (series + field) < MAX_KEY_BYTES;
}

const CONFLICT = /input field "(.*)" on measurement "(.*)" is type \w+, already exists as type (\w+)/s;

function conflicting(text: string, metrics: readonly Metric[]): readonly number[] | undefined {
  const [, field = '', name, stored = ''] = CONFLICT.exec(text) ?? [];
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

/** What is older than the retention policy are the oldest lines, as many as were dropped. */
function outdated(text: string, metrics: readonly Metric[], count: number): readonly number[] | undefined {
  if (!text.includes('points beyond retention policy')) return undefined;
  const times = metrics.map(({ time }) => time).sort((a, b) => (a < b ? -1 : Number(a > b)));
  const newest = times[count - 1] ?? 0n;
  return indicesOf(metrics, ({ time }) => time <= newest);
}

function indicesOf(metrics: readonly Metric[], matches: (metric: Metric) => boolean): readonly number[] {
  return metrics.flatMap((metric, index) => (matches(metric) ? [index] : []));
}

/** @returns undefined where a newline inside a string makes lines and line breaks differ */
function textsOf(batch: Batch): readonly string[] | undefined {
  const texts = Buffer.from(batch.lines).toString().replace(/\n$/, '').split('\n');
  return texts.length === batch.size ? texts : undefined;
}

function ascending(indices: readonly number[]): readonly number[] {
  return [...new Set(indices)].sort((a, b) => a - b);
}
