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
  const text = `${name} answered ${status}${isWebPage(answer) ? '' : quote(answer.body)}`;
  if (status >= 500 || RETRY_STATUSES.has(status)) {
    return new RetryableError(text, { retryAfterMs: retryAfter(answer.headers.get('retry-after'), now) });
  }
  if (status === 413) return new TooLargeError(text);
  if (status >= 300 && status < 400) {
    return new TargetError(`${text}: redirects are not followed; use the final address`);
  }
  if (isWebPage(answer))
    return new RetryableError(`${name} answered ${status} with a web page; check the address and any proxy`);
  return TARGET_STATUSES.has(status) ? new TargetError(text) : new PermanentError(text);
}

/** Whether the body is HTML: a login form, the front page of a web server, a proxy's error. No service for metrics answers with it. */
export function isWebPage({ headers, body }: Pick<Answer, 'headers' | 'body'>): boolean {
  return (
    /^\s*text\/html\b/i.test(headers.get('content-type') ?? '') || /^\s*<(?:!doctype|html|head|body|title)/i.test(body)
  );
}

/**
 * Nothing but the name of the status, as HTTP libraries write it; the answers of Go's server to a request that is no HTTP, which
 * have the status in front of a few more words, and to plain HTTP on a port with TLS.
 */
const GENERIC =
  /^(?:(?:\d{3}\s+)?(?:bad request|conflict|unprocessable (?:entity|content))?\W*|\d{3} bad request: .{0,50}|client sent an http request.{0,50})$/i;

/**
 * Whether a refusal may come from a proxy or a web server in front of the service: it is a web page, or says no more than the
 * status. Then it says nothing about the content of the request, and the content must not be given up.
 */
export function isGenericError(answer: Pick<Answer, 'headers' | 'body'>): boolean {
  return isWebPage(answer) || GENERIC.test(answer.body.trim());
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
