import type { FieldValue, Metric, Tags } from '../metric.ts';

import { rfc3339, type TimestampUnits } from './timestamp.ts';

/** The same whatever is measured, so that files can be joined and a loader needs no configuration. */
export const CSV_HEADER = 'time,measurement,host,tags,field,value\n';

/**
 * One row a field. `host` has a column of its own; the other tags are `key=value` pairs joined by `;`, in which a
 * backslash stands before each `;`, `=` and backslash of a key or value. Quoted as RFC 4180 has it, but with a line feed
 * alone at the end of a row.
 */
export function toCsv(metrics: Iterable<Metric>, units: TimestampUnits): string {
  let text = '';
  for (const { name, tags, fields, time } of metrics) {
    const { host = '', ...others } = tags;
    const series = [rfc3339(time, units), name, host, tagList(others)].map(quote).join(',');
    for (const [field, value] of Object.entries(fields)) text += `${series},${quote(field)},${valueText(value)}\n`;
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
  return typeof value === 'string' ? quote(value) : value.toString();
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
