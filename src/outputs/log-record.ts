/** What makes a metric a record of a log: a string field `message`. Inputs that collect logs write them so. */
import type { Fields, FieldValue, Metric } from '../plugin.ts';

export interface LogView {
  /** Undefined for what is no log record. */
  readonly text: string | undefined;
  /** 0 (emergency) to 7 (debug), as syslog has them (RFC 5424, 6.2.1); from the field `severity_code`. */
  readonly severity: number | undefined;
  /** The fields that are neither of the two. */
  readonly others: Fields;
}

export function logView({ fields }: Metric): LogView {
  const { message, severity_code, ...others } = fields;
  if (typeof message !== 'string') return { text: undefined, severity: undefined, others: fields };
  const severity = typeof severity_code === 'bigint' ? Number(severity_code) : severity_code;
  return isSeverity(severity)
    ? { text: message, severity, others }
    : { text: message, severity: undefined, others: withoutMessage(fields) };
}

function isSeverity(value: FieldValue | undefined): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 7;
}

function withoutMessage({ message: _message, ...others }: Fields): Fields {
  return others;
}
