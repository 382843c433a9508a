/** Formats a metric as a Logstash event, with field names of the Elastic Common Schema where they exist. */
import { fieldJson, rfc3339, type Fields, type Metric, type Tags } from '../../plugin/index.ts';
import { logView } from '../log-record.ts';

/** @param hostname used for metrics without the tag `host` */
export function logstashLine(metric: Metric, hostname: string): string {
  const { text, severity, others } = logView(metric);
  const { host = hostname, ...labels } = metric.tags;
  const { level } = labels;
  return object({
    '@timestamp': JSON.stringify(rfc3339(metric.time, '1ns')),
    '@version': '"1"',
    message: JSON.stringify(text ?? metric.name),
    measurement: JSON.stringify(metric.name),
    host: object({ name: JSON.stringify(host) }),
    ...(text === undefined ? {} : { log: logObject(level, severity) }),
    labels: objectOf(labels),
    fields: objectOf(others),
  });
}

function logObject(level: string | undefined, severity: number | undefined): string {
  return object({
    ...(level === undefined ? {} : { level: JSON.stringify(level) }),
    ...(severity === undefined ? {} : { syslog: object({ severity: object({ code: String(severity) }) }) }),
  });
}

function objectOf(values: Fields | Tags): string {
  const texts = Object.entries(values).map(([key, value]) => [withoutBrackets(key), fieldJson(value)] as const);
  return object(Object.fromEntries(texts));
}

/** Brackets are the syntax of field references; Logstash rejects events with brackets in keys. */
function withoutBrackets(key: string): string {
  return key.replace(/[[\]]/g, '_');
}

/** @param members name → JSON */
function object(members: Readonly<Record<string, string>>): string {
  return `{${Object.entries(members)
    .map(([name, json]) => `${JSON.stringify(name)}:${json}`)
    .join(',')}}`;
}
