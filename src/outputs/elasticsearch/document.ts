/**
 * A metric as a document, in the form of Telegraf's output:
 * `{"@timestamp":"…","measurement_name":"cpu","tag":{"host":"a"},"cpu":{"usage_idle":99.5}}`. Log records have their text
 * and level at the top as well, under the names where Kibana looks for them.
 */
import { createHash } from 'node:crypto';

import { fieldJson, rfc3339, type FieldValue, type Metric } from '../../plugin/index.ts';
import { logView } from '../log-record.ts';

/** Keys of our own, which a measurement of the same name must not take. */
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
 * The same for the same document, whenever it is sent, so that a batch that is sent again makes no second ones. Series and
 * time alone would not do: a series may have two lines of one time, with different fields.
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

/** Names that have become equal would be a duplicate key, which is refused; the last one stays. */
function objectText(entries: readonly Entry[]): string {
  const parts = [...new Map(entries)].map(([key, text]) => `${JSON.stringify(key)}:${text}`);
  return `{${parts.join(',')}}`;
}

/** A dot would make an object of what is a value for others: with a tag `app`, `app.version` is refused. */
function fieldName(name: string): string {
  return name.replaceAll('.', '_');
}

/**
 * Floats keep a decimal point: the first value of a field decides its type, and a whole number would make integers of all
 * that come later. 64-bit integers are exact, as text.
 */
function valueText(value: FieldValue): string {
  const text = fieldJson(value);
  return typeof value === 'number' && /^-?\d+$/.test(text) ? `${text}.0` : text;
}
