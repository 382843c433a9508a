import type { FieldValue, Metric } from '../metric.ts';

import { unixTime, type TimestampUnits } from './timestamp.ts';

/**
 * One object per line, in Telegraf's form: `{"fields":{…},"name":"…","tags":{…},"timestamp":…}`. Integers and the timestamp
 * are exact in the text.
 */
export function toJsonLines(metrics: Iterable<Metric>, units: TimestampUnits): string {
  let text = '';
  for (const { name, tags, fields, time } of metrics) {
    const object = Object.entries(fields).map(([key, value]) => `${JSON.stringify(key)}:${fieldJson(value)}`);
    text += `{"fields":{${object.join(',')}},"name":${JSON.stringify(name)},"tags":${JSON.stringify(tags)},`;
    text += `"timestamp":${unixTime(time, units)}}\n`;
  }
  return text;
}

/** A value as JSON, with all digits of 64-bit integers, which `JSON.stringify` does not support. */
export function fieldJson(value: FieldValue): string {
  return typeof value === 'bigint' ? value.toString() : JSON.stringify(value);
}
