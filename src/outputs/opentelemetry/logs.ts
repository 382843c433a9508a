/** Log records: https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/logs/v1/logs.proto */
import type { Metric } from '../../plugin/index.ts';

import { byHost, keyValues, resourceOf, SCOPE, type ExportRequest, type Item } from './request.ts';

/** A metric with a string field `message` is a log record. */
export function isLogRecord({ fields }: Metric): boolean {
  return typeof fields['message'] === 'string';
}

/**
 * SeverityNumber of the syslog severities 0 (emergency) to 7 (debug):
 * https://opentelemetry.io/docs/specs/otel/logs/data-model-appendix/#appendix-b-severitynumber-example-mappings
 */
const SEVERITY_NUMBERS = [21, 19, 18, 17, 13, 10, 9, 5];

/** Encodes an ExportLogsServiceRequest. */
export function logsRequest(items: readonly Item[], attributes: Readonly<Record<string, string>>): ExportRequest {
  const resourceLogs = [...byHost(items)].map(([host, ofHost]) => ({
    resource: resourceOf(host, attributes),
    scopeLogs: [{ scope: SCOPE, logRecords: ofHost.map(({ metric }) => recordOf(metric)) }],
  }));
  return { body: { resourceLogs }, size: items.length, lines: items.map(({ line }) => line) };
}

function recordOf({ name, tags, fields, time }: Metric) {
  const { message, severity_code, ...details } = fields;
  const { host: _, level, ...others } = tags;
  const severityNumber = SEVERITY_NUMBERS[Number(severity_code)];
  return {
    timeUnixNano: time.toString(),
    observedTimeUnixNano: time.toString(),
    ...(severityNumber === undefined ? {} : { severityNumber }),
    ...(level === undefined ? {} : { severityText: level }),
    body: { stringValue: String(message) },
    attributes: keyValues({ ...details, ...others, measurement: name }),
  };
}
