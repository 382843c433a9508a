/**
 * Formats a metric as a document, in the format of Telegraf's output:
 * `{"@timestamp":"…","measurement_name":"cpu","tag":{"host":"a"},"cpu":{"usage_idle":99.5}}`. Log records also have their
 * text and level at the top level, under the names that Kibana expects.
 */
import { createHash } from 'node:crypto';

import { fieldJson, rfc3339, type FieldValue, type Metric } from '../../plugin/index.ts';
import { logView } from '../log-record.ts';

/** Top-level keys, which a measurement with the same name must not replace. */
const RESERVED = new Set(['@timestamp', 'measurement_name', 'tag', 'message']);

const SEVERITIES = ['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'info', 'debug'] as const;

/** The text of the JSON object, without a newline. */
export function documentOf(metric: Metric): string {
  const { name, tags, fields, time } = metric;
  const key = fieldName(name);
  return objectText([
    ['@timestamp', JSON.stringify(rfc3339(time, '1ns'))],
    ['measurement_name', JSON.stringify(name)],
    ['tag', objectText(Object.entries(tags).map(([tag, value]) => [fieldName(tag), JSON.stringify(value)]))],
    ...logParts(metric),
    [
      RESERVED.has(key) ? `${key}_` : key,
      objectText(Object.entries(fields).map(([field, value]) => [fieldName(field), valueText(value)])),
    ],
  ]);
}

/**
 * A hash of the content, so that retrying a batch creates no duplicates. Series and time alone are not unique: a series
 * may have two lines with the same time and different fields.
 */
export function idOf(document: string): string {
  return createHash('sha256').update(document).digest('base64url').slice(0, 22);
}

type Entry = readonly [key: string, text: string];

function logParts(metric: Metric): readonly Entry[] {
  const { text, severity } = logView(metric);
  if (text === undefined) return [];
  const level = severity === undefined ? metric.tags['level'] : SEVERITIES[severity];
  const message: Entry = ['message', JSON.stringify(text)];
  return level === undefined ? [message] : [message, ['log.level', JSON.stringify(level)]];
}

/** If names became equal, the last one wins: Elasticsearch rejects duplicate keys. */
function objectText(entries: readonly Entry[]): string {
  const parts = [...new Map(entries)].map(([key, text]) => `${JSON.stringify(key)}:${text}`);
  return `{${parts.join(',')}}`;
}

/** Elasticsearch treats dots as nested objects: if there is a tag `app`, it rejects `app.version`. */
function fieldName(name: string): string {
  return name.replaceAll('.', '_');
}

/**
 * Floats keep a decimal point: the first value of a field determines its type, so a whole number would map the field to
 * an integer. 64-bit integers are exact.
 */
function valueText(value: FieldValue): string {
  const text = fieldJson(value);
  return typeof value === 'number' && /^-?\d+$/.test(text) ? `${text}.0` : text;
}
