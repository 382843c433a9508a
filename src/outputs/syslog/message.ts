/** Formats a metric as a syslog message (RFC 5424). */
import { rfc3339, truncateBytes, type FieldValue, type Metric } from '../../plugin/index.ts';
import { logView } from '../log-record.ts';

export interface MessageSettings {
  /** 0 to 23. */
  readonly facility: number;
  /** 0 to 7; for metrics and log records without a severity. */
  readonly severity: number;
  readonly appName: string;
  /** HOSTNAME of metrics without the tag `host`. */
  readonly hostname: string;
  /** SD-ID of the structured data element with tags and fields. */
  readonly structuredDataId: string;
  /** Whether a byte order mark precedes the text. */
  readonly hasMark: boolean;
  /** Maximum size of a message. Bytes. */
  readonly maxBytes: number;
}

/** Precedes UTF-8 text (RFC 5424, 6.4). */
const BOM = '\u{feff}';

/** Limits for the values of tags and fields, as fractions of `maxBytes`; tried in this order until the message fits. */
const VALUE_FRACTIONS = [1, 1 / 4, 1 / 8, 1 / 16, 1 / 32, 1 / 64];

/** Fraction of `maxBytes` that is reserved for the text of a log record. */
const TEXT_FRACTION = 1 / 4;

/**
 * Truncates text that is too long, but never numbers or names.
 *
 * @returns undefined if the message is too long even so
 */
export function syslogMessage(metric: Metric, settings: MessageSettings): string | undefined {
  const { maxBytes, structuredDataId } = settings;
  const { text, severity = settings.severity, others } = logView(metric);
  const header = headerOf(metric, severity, settings);
  const message = text === undefined || text === '' ? '' : ` ${settings.hasMark ? BOM : ''}${visible(text)}`;
  const least = Math.min(Buffer.byteLength(message), Math.floor(maxBytes * TEXT_FRACTION));
  // The host is in the header.
  const { host: _host, ...tags } = metric.tags;
  const pairs = [...Object.entries(tags), ...Object.entries(others)];
  for (const fraction of VALUE_FRACTIONS) {
    const head = `${header} ${structuredData(structuredDataId, pairs, Math.floor(maxBytes * fraction))}`;
    const room = maxBytes - Buffer.byteLength(head);
    if (room >= least) return head + truncateBytes(message, room);
  }
  return undefined;
}

function headerOf({ name, tags, time }: Metric, severity: number, settings: MessageSettings): string {
  const { facility, appName, hostname } = settings;
  const host = printable(tags['host'] ?? hostname, 255);
  const messageId = printable(tags['kind'] ?? name, 32);
  return `<${facility * 8 + severity}>1 ${rfc3339(time, '1us')} ${host} ${printable(appName, 48)} - ${messageId}`;
}

function structuredData(id: string, pairs: readonly (readonly [string, FieldValue])[], maxValueBytes: number): string {
  if (pairs.length === 0) return '-';
  const parameters = pairs.map(([key, value]) => `${parameterName(key)}="${parameterValue(value, maxValueBytes)}"`);
  return `[${id} ${parameters.join(' ')}]`;
}

function parameterName(key: string): string {
  return printable(key, 32).replace(/[="\]]/g, '_');
}

function parameterValue(value: FieldValue, maxBytes: number): string {
  if (typeof value !== 'string') return value.toString();
  return truncateBytes(visible(value), maxBytes).replace(/["\\\]]/g, '\\$&');
}

/** Header fields are printable ASCII without blanks; `-` is the nil value. */
function printable(text: string, maxLength: number): string {
  return text.replace(/[^\x21-\x7e]/gu, '_').slice(0, maxLength) || '-';
}

const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Replaces control characters by escape sequences. Receivers write messages unchanged to files and terminals, where a
 * newline would forge another message.
 */
function visible(text: string): string {
  const hex = (character: string) => character.charCodeAt(0).toString(16).padStart(4, '0');
  return text.replace(CONTROLS, (character) => ESCAPES[character] ?? `\\u${hex(character)}`);
}
