/** Log records. A metric with a string field `message` is one, as inputs that collect logs write them; or one of OpenTelemetry. */
import type { Fields, FieldValue, Metric } from '../plugin/index.ts';

export interface LogView {
  /** Undefined if the metric is not a log record. */
  readonly text: string | undefined;
  /** Name of the field with the text. */
  readonly field: string | undefined;
  /** Syslog severity, 0 (emergency) to 7 (debug) (RFC 5424, 6.2.1). */
  readonly severity: number | undefined;
  /** Without text and severity. */
  readonly others: Fields;
}

interface Layout {
  readonly text: string;
  readonly severity: string;
  readonly syslogOf: (severity: number) => number | undefined;
}

const OWN: Layout = { text: 'message', severity: 'severity_code', syslogOf: syslogOnly };

/** Of the input `opentelemetry`, and of Telegraf's, which write the measurement `logs`. */
const OPENTELEMETRY_MEASUREMENT = 'logs';
const OPENTELEMETRY: Layout = { text: 'body', severity: 'severity_number', syslogOf: syslogOfOpenTelemetry };

export function logView({ name, fields }: Metric): LogView {
  const isForeign = name === OPENTELEMETRY_MEASUREMENT && typeof fields['message'] !== 'string';
  const layout = isForeign ? OPENTELEMETRY : OWN;
  const { [layout.text]: text, ...rest } = fields;
  if (typeof text !== 'string') return { text: undefined, field: undefined, severity: undefined, others: fields };
  const { [layout.severity]: code, ...others } = rest;
  const severity = integerOf(code);
  const known = severity === undefined ? undefined : layout.syslogOf(severity);
  return { text, field: layout.text, severity: known, others: known === undefined ? rest : others };
}

function integerOf(value: FieldValue | undefined): number | undefined {
  const number = typeof value === 'bigint' ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) ? number : undefined;
}

function syslogOnly(severity: number): number | undefined {
  return severity >= 0 && severity <= 7 ? severity : undefined;
}

/**
 * OpenTelemetry's logs data model, appendix B, the other way: 21 to 24 (FATAL) is an emergency, 19 and 20 (ERROR3) an alert, 18 critical,
 * 17 an error, 13 to 16 (WARN) a warning, 10 to 12 (INFO2) a notice, 9 informational, 1 to 8 (TRACE, DEBUG) debug.
 */
function syslogOfOpenTelemetry(severity: number): number | undefined {
  if (severity < 1 || severity > 24) return undefined;
  const steps = [21, 19, 18, 17, 13, 10, 9];
  const index = steps.findIndex((least) => severity >= least);
  return index === -1 ? 7 : index;
}
