import { printable } from '../../core/printable.ts';
import type { FieldValue, Metric, Tags } from '../metric.ts';

import { rfc3339, type TimestampUnits } from './timestamp.ts';

/** The same for all measurements, so that files can be concatenated and a loader needs no configuration. */
export const CSV_HEADER = 'time,measurement,host,tags,field,value\n';

/**
 * One row per field. `host` has its own column; the other tags are `key=value` pairs joined by `;`, with a backslash before
 * each `;`, `=` and backslash of a key or value. Quoted according to RFC 4180, but rows end with a line feed alone.
 */
export function toCsv(metrics: Iterable<Metric>, units: TimestampUnits): string {
  let text = '';
  for (const { name, tags, fields, time } of metrics) {
    const { host = '', ...others } = tags;
    const series = [rfc3339(time, units), name, host, tagList(others)].map(csvCell).join(',');
    for (const [field, value] of Object.entries(fields)) text += `${series},${csvCell(field)},${valueText(value)}\n`;
  }
  return text;
}

function tagList(tags: Tags): string {
  return Object.entries(tags)
    .map(([key, value]) => `${escapePair(key)}=${escapePair(value)}`)
    .join(';');
}

function escapePair(text: string): string {
  return text.replace(/[\\;=]/g, '\\$&');
}

function valueText(value: FieldValue): string {
  return typeof value === 'string' ? csvCell(value) : value.toString();
}

/** A spreadsheet takes a cell that begins like this for a formula, which can run programs. */
const FORMULA = /^[=+@-]/;

/**
 * A text as a cell. Texts come from outside: an apostrophe before what a spreadsheet would run, as people write it there;
 * control characters are shown as `\n` or `\x1b`, so that a file on a terminal moves no cursor, and a row is one line.
 */
export function csvCell(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  const shown = printable(safe);
  return /[",]/.test(shown) ? `"${shown.replaceAll('"', '""')}"` : shown;
}
