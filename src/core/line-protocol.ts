import type { FieldValue, Metric } from './metric.ts';

export function formatLine(metric: Metric): string {
  const tags = Object.entries(metric.tags)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `,${escape(key)}=${escape(value)}`)
    .join('');
  const fields = Object.entries(metric.fields).map(([key, value]) => `${escape(key)}=${formatField(value)}`);
  return `${metric.name.replace(/[ ,]/g, '\\$&')}${tags} ${fields.join(',')} ${metric.time}`;
}
function escape(text: string): string {
  return text.replace(/[ ,=]/g, '\\$&');
}
function formatField(value: FieldValue): string {
  if (typeof value === 'string') return `"${value.replace(/["\\]/g, '\\$&')}"`;
  return typeof value === 'bigint' ? `${value}i` : String(value);
}
export function parseLines(_lines: Uint8Array | string): Metric[] {
  throw new Error('not written yet');
}
