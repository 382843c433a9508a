/** Errors from HTTP answers. */
import { PermanentError, RetryableError, TargetError, TooLargeError } from './errors.ts';

export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** The request is wrong, not the message: credentials, permission, address, method, protocol version. */
const TARGET_STATUSES = new Set([401, 402, 403, 404, 405, 410, 426]);
const RETRY_STATUSES = new Set([408, 425, 429]);
const MAX_QUOTE = 200;

/**
 * The error for an answer that is not a success. A redirect counts as a wrong address, since a message that may contain
 * secrets must not go elsewhere.
 *
 * @param name of the service, for the message
 * @param now ms since the Unix epoch, for a Retry-After that is a date
 */
export function refusal(name: string, answer: Answer, now: number): Error {
  const { status } = answer;
  const text = `${name} answered ${status}${quote(answer.body)}`;
  if (status >= 500 || RETRY_STATUSES.has(status)) {
    return new RetryableError(text, { retryAfterMs: retryAfter(answer.headers.get('retry-after'), now) });
  }
  if (status === 413) return new TooLargeError(text);
  if (status >= 300 && status < 400) {
    return new TargetError(`${text}: redirects are not followed; use the final address`);
  }
  return TARGET_STATUSES.has(status) ? new TargetError(text) : new PermanentError(text);
}

/**
 * The header `Retry-After` in milliseconds, from seconds or an HTTP date (RFC 9110, 10.2.3); undefined for anything else.
 * Accepts fractions of a second, which some servers send.
 *
 * @param now ms since the Unix epoch
 */
export function retryAfter(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? '';
  if (/^\d+(?:\.\d+)?$/.test(text)) return Math.round(Number(text) * 1000);
  const date = /^[A-Z][a-z]{2}/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function quote(body: string): string {
  const line = body.replace(/\s+/g, ' ').trim();
  if (line === '') return '';
  return `: ${line.length > MAX_QUOTE ? `${line.slice(0, MAX_QUOTE)}…` : line}`;
}
