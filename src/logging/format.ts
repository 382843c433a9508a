/** Formats log lines. */
import { describeError } from '../core/errors.ts';
import type { LogEntry } from '../core/logger.ts';
import { printable, printableJson } from '../core/printable.ts';
import { isError, redactedRecord } from '../core/redact.ts';

const COLORS: Readonly<Record<LogEntry['level'], string>> = {
  error: '\u001b[31m',
  warn: '\u001b[33m',
  info: '\u001b[32m',
  debug: '\u001b[2m',
};
const DIM = '\u001b[2m';
const RESET = '\u001b[0m';

/** Name, time and level are not redacted: a secret may occur in them by chance. */
export function redacted(entry: LogEntry, redact: (text: string) => string): LogEntry {
  return { ...entry, message: redact(entry.message), meta: redactedRecord(entry.meta, redact) };
}

/** Of the lines of a message after the first, which a reader must not take for entries of their own. */
const INDENT = '    ';

/**
 * `2026-11-22T18:41:56.123Z warn [outputs.influxdb] Cannot write: … unsent_lines=120`. A message of several lines, such as the
 * problems of a configuration, keeps its lines; those after the first are indented.
 */
export function textLine({ level, message, name, meta, time }: LogEntry, colored: boolean): string {
  const paint = (code: string, text: string) => (colored ? `${code}${text}${RESET}` : text);
  const details = Object.entries(meta).map(([key, value]) => ` ${key}=${readable(value)}`);
  return [
    paint(DIM, new Date(time).toISOString()),
    paint(COLORS[level], level.padEnd(5)),
    paint(DIM, `[${name}]`),
    `${indented(message)}${paint(DIM, details.join(''))}`,
  ].join(' ');
}

/** One JSON object. `meta` cannot override time, level, name or message. */
export function jsonLine({ level, message, name, meta, time }: LogEntry): string {
  const json = JSON.stringify(
    { ...meta, time: new Date(time).toISOString(), level, name, message },
    (_key, value: unknown) =>
      isError(value) ? describeError(value) : typeof value === 'bigint' ? value.toString() : value,
  );
  return printableJson(json);
}

function indented(message: string): string {
  const [first = '', ...rest] = printable(message, { keepNewlines: true }).split('\n');
  return [first, ...rest.map((line) => (line === '' ? '' : INDENT + line))].join('\n');
}

function readable(value: unknown): string {
  if (isError(value)) return JSON.stringify(describeError(value));
  if (Array.isArray(value)) return value.map(readable).join(',');
  const text = typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
  return /^[\w.:/%+-]*$/.test(text) ? text : JSON.stringify(printable(text));
}
