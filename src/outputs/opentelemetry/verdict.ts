/** Maps responses to errors for the host: https://opentelemetry.io/docs/specs/otlp/#otlphttp-response */
import {
  isGenericError,
  isWebPage,
  jsonOf,
  PermanentError,
  RetryableError,
  retryAfter,
  TooLargeError,
  z,
  type HttpAnswer,
} from '../../plugin/index.ts';

import { protobufAnswer } from './protobuf-answer.ts';

/** The response does not identify the rejected data points or log records. */
export interface PartialSuccess {
  readonly rejected: number;
  readonly message: string;
}

export interface VerdictContext {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  /** Removes secrets from texts. Not from the answer as a whole: with other lengths, protobuf would not be readable. */
  readonly redact: (text: string) => string;
}

/**
 * In addition to the specification, 408 and statuses above 505 are retried: they come from proxies, which know nothing
 * of the lines. 500 is not retried, since collectors use it for permanent errors.
 */
function isRetried(status: number): boolean {
  return [408, 429, 502, 503, 504].includes(status) || status > 505;
}

/**
 * The specification forbids retries after these too. But they mean that the address or the credentials are wrong, not
 * the lines, which must not be lost because a token has expired.
 */
const ADVICE: Readonly<Record<number, string>> = {
  401: 'rejected the credentials; check headers',
  403: 'denied access; check headers',
  404: 'has no OTLP endpoint at this path; check url',
  405: 'does not accept POST at this path; check url',
  407: 'is behind a proxy that requires credentials',
  415: 'does not accept this encoding; set encoding to protobuf or json',
};

const MAX_TEXT = 300;

export const PROTOBUF = 'application/x-protobuf';

/** @throws the error that tells the host what to do */
export function verdict(answer: HttpAnswer, { origin, now, redact }: VerdictContext): PartialSuccess {
  const { status } = answer;
  if (status >= 200 && status < 300) {
    const { rejected, message } = partialSuccess(answer, origin);
    return { rejected, message: shortened(redact(message)) };
  }
  const message = shortened(redact(messageOf(answer)));
  const text = `${origin} answered ${status}${message === '' ? '' : `: ${message}`}`;
  const advice = ADVICE[status];
  if (advice !== undefined) throw new RetryableError(`${origin} ${advice} (${status})`);
  if (isRetried(status))
    throw new RetryableError(text, { retryAfterMs: retryAfter(answer.headers.get('retry-after'), now) });
  if (status < 400) throw new RetryableError(`${text}; it redirects: set url to the final address`);
  if (status === 413) throw new TooLargeError(text);
  // A collector says why; a proxy in front of it does not, and has not seen the lines.
  if (isGenericError({ ...answer, body: message }))
    throw new RetryableError(`${text}; check url and any proxy in between`);
  throw new PermanentError(text);
}

/** OTLP encodes 64-bit integers as strings; some servers send numbers. */
const count = z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)]).catch(0);

const success = z.object({
  partialSuccess: z
    .object({
      rejectedDataPoints: count.optional(),
      rejectedLogRecords: count.optional(),
      errorMessage: z.string().optional(),
    })
    .nullish(),
});

function partialSuccess(answer: HttpAnswer, origin: string): PartialSuccess {
  if (isWebPage(answer))
    throw new RetryableError(`${origin} answered with a web page (${answer.status}), so it is not OTLP; check url`);
  const {
    rejectedDataPoints,
    rejectedLogRecords,
    errorMessage = '',
  } = success.safeParse(messageIn(answer)).data?.partialSuccess ?? {};
  return { rejected: rejectedDataPoints ?? rejectedLogRecords ?? 0, message: errorMessage };
}

/** The body of an error is a google.rpc.Status. */
function messageOf(answer: HttpAnswer): string {
  if (isWebPage(answer)) return '';
  const status = z.object({ message: z.string() }).safeParse(messageIn(answer)).data;
  return status?.message ?? (isProtobuf(answer) ? '' : answer.body);
}

/** The message in either encoding; undefined if the body is neither. */
function messageIn(answer: HttpAnswer): unknown {
  const { status, body } = answer;
  return isProtobuf(answer) ? protobufAnswer(Buffer.from(body, 'latin1'), status < 300) : jsonOf(body);
}

function isProtobuf({ headers }: HttpAnswer): boolean {
  return headers.get('content-type')?.startsWith(PROTOBUF) === true;
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > MAX_TEXT ? `${line.slice(0, MAX_TEXT)}…` : line;
}
