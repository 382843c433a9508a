/** A metric as a message of GELF 1.1. */
import { fieldJson, unixTime, type FieldValue, type Metric } from '../../plugin/index.ts';
import { logView } from '../log-record.ts';

/** Without a level a message is an alert; metrics are information. */
const INFORMATIONAL = 6;

/** What the specification forbids, and names that Graylog gives to fields of its own and would not take again. */
const TAKEN = ['id', 'level', 'message', 'source', 'timestamp', 'host', 'short_message', 'full_message', 'version'];

/**
 * As JSON, with all digits of 64-bit integers, for which numbers have no room.
 *
 * @param hostname of metrics without the tag `host`
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

/** Names of letters, digits, `_`, `.` and `-`, each another. */
function additional(pairs: readonly (readonly [string, FieldValue])[]): readonly (readonly [string, string])[] {
  const taken = new Set(TAKEN);
  // How often each was taken already: keys without Latin letters are alike by the hundred.
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

/** Strings and numbers are all that there is. */
function valueText(value: FieldValue): string {
  return fieldJson(typeof value === 'boolean' ? String(value) : value);
}
