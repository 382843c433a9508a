/** Maps a response to an error for the host; undefined if the lines are stored. */
import {
  PartialWriteError,
  PermanentError,
  RetryableError,
  retryAfter,
  TooLargeError,
  type Batch,
} from '../../plugin/index.ts';

import { isHtml, messageOf, type ServerMessage } from './message.ts';
import type { Redact } from './redact.ts';
import { refusedLines } from './refused-lines.ts';
import type { Server } from './server.ts';
import type { Target } from './target.ts';
import type { Answer } from './transport.ts';

export interface VerdictContext {
  readonly server: Server;
  readonly target: Target;
  readonly redact: Redact;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/** Maximum length of a quoted message: servers quote rejected lines, possibly thousands. Characters. */
const MAX_TEXT = 500;

/** Where the reason is looked for. Some patterns take time quadratic in the text, and an answer may have 64 KB. Characters. */
const MAX_REASON = 1000;

/** @param batch undefined for a request that carried no lines */
export function verdict(answer: Answer, batch: Batch | undefined, about: VerdictContext): Error | undefined {
  const message = messageOf(answer);
  if (isPartial(answer, message)) return refusal(answer, message, batch, about);
  if (answer.status < 300) return isHtml(answer) ? notInfluxDb(answer, about) : undefined;
  if (answer.status === 413)
    return new TooLargeError(
      `${about.server.url} does not accept a request of this size (413)${quote(message, about)}`,
    );
  const advice = adviceFor(answer, message, about);
  if (advice === undefined) return refusal(answer, message, batch, about);
  return new RetryableError(`${about.server.url} ${advice}${quote(message, about)}`, {
    retryAfterMs: retryAfter(headerOf(answer, 'retry-after'), about.now),
  });
}

/** InfluxDB 2.0 reports partial writes with status 500, some versions of InfluxDB 3 clusters with 201. */
function isPartial({ status }: Answer, { text }: ServerMessage): boolean {
  return /\bpartial write\b/i.test(text) || (status === 201 && text !== '');
}

/** @returns undefined if the request is valid but its lines are not */
function adviceFor(answer: Answer, message: ServerMessage, about: VerdictContext): string | undefined {
  const { status } = answer;
  const text = message.text.slice(0, MAX_REASON);
  if (status < 400) return redirect(answer, about);
  if (/retention policy not found/i.test(text))
    return `does not have the retention policy; create it or correct retention_policy`;
  if (status === 400 || status === 422) return misdirected(text, about.target) ?? foreign(status, message);
  if (status === 401) return unauthorized(about);
  if (status === 403)
    return `does not allow ${about.target.credentials} to write to ${about.target.name}; grant the permission`;
  if (status === 404) return notFound(text, about.target);
  return temporary(status);
}

function temporary(status: number): string {
  if (status === 429) return 'is rate limiting (429)';
  if (status === 503) return 'is unavailable or overloaded (503)';
  if (status >= 500 || status === 408) return `failed (${status})`;
  return `answered ${status} to a write, which InfluxDB never does; check url and any proxy in between`;
}

function redirect(answer: Answer, { redact }: VerdictContext): string {
  const location = headerOf(answer, 'location');
  if (location === undefined) return `answered ${answer.status} to a write; check url`;
  return `redirects (${answer.status}) to ${redact(location.replace(/[?#].*$/, ''))}; set url to the final address`;
}

/** Status 400 for a request that is wrong whatever its lines are: none of them may become a dead letter. */
function misdirected(text: string, { option }: Target): string | undefined {
  if (/unsupported path/i.test(text)) return `has no API for ${option}; check url`;
  if (
    /\borg(?:ID|anization)?\b.*\b(?:provide|require|invalid|found)|\b(?:provide|invalid)\b.*\borg(?:ID|anization)?\b/i.test(
      text,
    )
  )
    return 'rejected the organization; set or correct org';
  if (/^(?:database|bucket)\b.*\b(?:required|not found|invalid)/i.test(text))
    return `rejected the ${option}; correct it`;
  return undefined;
}

/** @returns undefined if the answer is the database's own; a proxy has not seen the lines */
function foreign(status: number, { isFromDatabase }: ServerMessage): string | undefined {
  return isFromDatabase
    ? undefined
    : `answered ${status} in a form that is not InfluxDB's; check url and any proxy in between`;
}

function unauthorized({ server, target }: VerdictContext): string {
  const sent = Object.keys(server.headers).some((name) => name.toLowerCase() === 'authorization');
  return sent
    ? `rejected the credentials; check ${target.credentials}`
    : `requires credentials; set ${target.credentials}`;
}

function notFound(text: string, target: Target): string {
  if (/\bdbrp\b/i.test(text))
    return `has no mapping from ${target.name} to a bucket; set bucket, org and token instead of database, or create the mapping`;
  if (/\borganization\b/i.test(text)) return 'does not have the organization; correct org';
  if (/\b(?:bucket|database)\b/i.test(text)) return `has no ${target.name}; create it or correct ${target.option}`;
  return target.option === 'bucket'
    ? 'has no write API for buckets (404); for InfluxDB 1 set database instead of bucket, otherwise check url'
    : 'has no write API for databases (404); for InfluxDB 2 and 3 set bucket instead of database, otherwise check url';
}

function notInfluxDb({ status }: Answer, { server }: VerdictContext): Error {
  return new RetryableError(
    `${server.url} answered a write with a web page (${status}), so it is not InfluxDB; check url`,
  );
}

/**
 * The rest is written again: InfluxDB 1 and 2 write each shard alone and report the first shard's error only, so the answer may
 * be silent about lines that another shard has refused. Overwriting a point with itself does no harm.
 */
function refusal(answer: Answer, message: ServerMessage, batch: Batch | undefined, about: VerdictContext): Error {
  const size = batch?.size ?? 0;
  const refused = batch === undefined ? [] : (refusedLines(message, batch) ?? []);
  if (refused.length === 0)
    return new PermanentError(
      `${about.server.url} permanently rejected lines (${answer.status})${quote(message, about)}`,
    );
  const text = `${about.server.url} permanently rejected ${refused.length} of ${size} lines`;
  return new PartialWriteError(`${text}${quote(message, about)}`, refused, { restIsStored: false });
}

function quote({ text }: ServerMessage, { redact }: VerdictContext): string {
  const line = redact(text).replace(/\s+/g, (blanks) => (/[\r\n]/.test(blanks) ? '; ' : blanks));
  if (line === '') return '';
  return `: ${line.length > MAX_TEXT ? `${line.slice(0, MAX_TEXT)}…` : line}`;
}

function headerOf({ headers }: Answer, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : value?.[0];
}
