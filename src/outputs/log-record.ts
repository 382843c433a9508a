/** What makes a metric a record of a log: a string field `message`. Inputs that collect logs write them so. */
import type { Fields, FieldValue, Metric } from '../plugin/index.ts';

export interface LogView {
  /** Undefined for what is no log record. */
  readonly text: string | undefined;
  /** 0 (emergency) to 7 (debug), as syslog has them (RFC 5424, 6.2.1); from the field `severity_code`. */
  readonly severity: number | undefined;
  /** The fields that are neither of the two. */
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
