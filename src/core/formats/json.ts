import type { FieldValue, Metric } from '../metric.ts';

import { unixTime, type TimestampUnits } from './timestamp.ts';

/**
 * One object a line, in Telegraf's form: `{"fields":{…},"name":"…","tags":{…},"timestamp":…}`. Written by hand because
 * `JSON.stringify` knows no 64-bit integers; they and the timestamp are exact in the text.
 */
export function toJsonLines(metrics: Iterable<Metric>, units: TimestampUnits): string {
  let text = '';
  for (const { name, tags, fields, time } of metrics) {
    const object = Object.entries(fields).map(([key, value]) => `${JSON.stringify(key)}:${fieldText(value)}`);
    text += `{"fields":{${object.join(',')}},"name":${JSON.stringify(name)},"tags":${JSON.stringify(tags)},`;
    text += `"timestamp":${unixTime(time, units)}}\n`;
  }
  return text;
}

function fieldText(value: FieldValue): string {
  return typeof value === 'bigint' ? value.toString() : JSON.stringify(value);
}
