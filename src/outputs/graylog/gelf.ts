/** Formats a metric as a GELF 1.1 message. */
import { fieldJson, unixTime, type FieldValue, type Metric } from '../../plugin/index.ts';
import { logView } from '../log-record.ts';

/** Level of metrics; GELF's default would be "alert". */
const INFORMATIONAL = 6;

/** Names that the specification forbids, and those of Graylog's own fields, which it would not accept as additional fields. */
const RESERVED = ['id', 'level', 'message', 'source', 'timestamp', 'host', 'short_message', 'full_message', 'version'];

/**
 * JSON with all digits of 64-bit integers, which JSON.stringify of a number would round.
 *
 * @param hostname used for metrics without the tag `host`
 */
export function gelfMessage(metric: Metric, hostname: string): string {
  const { text, severity = INFORMATIONAL, others } = logView(metric);
  const { host = hostname, ...tags } = metric.tags;
  const members = [
    ['version', '"1.1"'],
    ['host', JSON.stringify(host)],
    ['short_message', JSON.stringify(text === undefined || text === '' ? metric.name : text)],
    ['timestamp', JSON.stringify(Number(unixTime(metric.time, '1ms')) / 1000)],
    ['level', String(severity)],
    ...additional([['measurement', metric.name], ...Object.entries(tags), ...Object.entries(others)]),
  ] as const;
  return `{${members.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(',')}}`;
}

/** Additional fields, with unique names of letters, digits, `_`, `.` and `-`. */
function additional(pairs: readonly (readonly [string, FieldValue])[]): readonly (readonly [string, string])[] {
  const taken = new Set(RESERVED);
  // The last suffix of each name: hundreds of keys without Latin letters may map to the same name.
  const counts = new Map<string, number>();
  return pairs.map(([key, value]) => {
    const cleaned = key.replace(/[^\w.-]/gu, '_');
    let name = cleaned;
    for (let count = counts.get(cleaned) ?? 0; taken.has(name); counts.set(cleaned, count)) {
      count += 1;
      name = `${cleaned}_${count === 1 ? '' : count}`;
    }
    taken.add(name);
    return [`_${name}`, valueText(value)];
  });
}

/** GELF has only strings and numbers. */
function valueText(value: FieldValue): string {
  return fieldJson(typeof value === 'boolean' ? String(value) : value);
}
