/** A metric as a syslog message: RFC 5424. */
import { rfc3339, truncateBytes, type FieldValue, type Metric } from '../../plugin/index.ts';
import { logView } from '../log-record.ts';

export interface MessageSettings {
  /** 0 to 23. */
  readonly facility: number;
  /** 0 to 7; of what has none of its own. */
  readonly severity: number;
  readonly appName: string;
  /** Of metrics without the tag `host`. */
  readonly hostname: string;
  /** The name of the element of structured data that holds tags and fields. */
  readonly structuredDataId: string;
  /** Bytes of one message. */
  readonly maxBytes: number;
}

/** Before text in UTF-8 (RFC 5424, 6.4). */
const BOM = '\u{feff}';

/** If all is too long, no text of a tag or field has more than this part of the bound; the first that is enough counts. */
const PARTS = [1, 1 / 4, 1 / 8, 1 / 16, 1 / 32, 1 / 64];

/** The text of a log record always has this part of the bound. */
const TEXT_PART = 1 / 4;

/**
 * Texts that are too long are cut, numbers and names never.
 *
 * @returns undefined if it is too long all the same
 */
export function syslogMessage(metric: Metric, settings: MessageSettings): string | undefined {
  const { maxBytes, structuredDataId } = settings;
  const { text, severity = settings.severity, others } = logView(metric);
  const header = headerOf(metric, severity, settings);
  const message = text === undefined || text === '' ? '' : ` ${BOM}${visible(text)}`;
  const least = Math.min(Buffer.byteLength(message), Math.floor(maxBytes * TEXT_PART));
  // The host is in the header.
  const { host: _host, ...tags } = metric.tags;
  const pairs = [...Object.entries(tags), ...Object.entries(others)];
  for (const part of PARTS) {
    const head = `${header} ${structuredData(structuredDataId, pairs, Math.floor(maxBytes * part))}`;
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

function structuredData(id: string, pairs: readonly (readonly [string, FieldValue])[], most: number): string {
  if (pairs.length === 0) return '-';
  const parameters = pairs.map(([key, value]) => `${parameterName(key)}="${parameterValue(value, most)}"`);
  return `[${id} ${parameters.join(' ')}]`;
}

function parameterName(key: string): string {
  return printable(key, 32).replace(/[="\]]/g, '_');
}

function parameterValue(value: FieldValue, most: number): string {
  if (typeof value !== 'string') return value.toString();
  return truncateBytes(visible(value), most).replace(/["\\\]]/g, '\\$&');
}

/** What the header may hold: ASCII that can be seen; a hyphen for nothing. */
function printable(text: string, most: number): string {
  return text.replace(/[^\x21-\x7e]/gu, '_').slice(0, most) || '-';
}

const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Control characters as what one would write for them in a string. Receivers append messages to files and show them on
 * terminals as they are: a newline would begin a line that looks like another message.
 */
function visible(text: string): string {
  const hex = (character: string) => character.charCodeAt(0).toString(16).padStart(4, '0');
  return text.replace(CONTROLS, (character) => ESCAPES[character] ?? `\\u${hex(character)}`);
}
