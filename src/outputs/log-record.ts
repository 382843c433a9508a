/** Log records. A metric with a string field `message` is one; inputs that collect logs write them this way. */
import type { Fields, FieldValue, Metric } from '../plugin/index.ts';

export interface LogView {
  /** Undefined if the metric is not a log record. */
  readonly text: string | undefined;
  /** Syslog severity, 0 (emergency) to 7 (debug) (RFC 5424, 6.2.1); from the field `severity_code`. */
  readonly severity: number | undefined;
  /** All other fields. */
  readonly others: Fields;
}

export function logView({ fields }: Metric): LogView {
  const { message: text, ...rest } = fields;
  if (typeof text !== 'string') return { text: undefined, severity: undefined, others: fields };
  const { severity_code: code, ...others } = rest;
  const severity = typeof code === 'bigint' ? Number(code) : code;
  return isSeverity(severity) ? { text, severity, others } : { text, severity: undefined, others: rest };
}

function isSeverity(value: FieldValue | undefined): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 7;
}
