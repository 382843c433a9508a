/** What an answer means for the batch. */
import {
  PermanentError,
  RetryableError,
  retryAfter,
  TooLargeError,
  type HttpAnswer,
  type PluginContext,
} from '../../plugin.ts';

import { OutOfBoundsError } from './too-old.ts';

export interface Circumstances {
  /** Host and port. */
  readonly server: string;
  readonly redact: (text: string) => string;
  readonly clock: PluginContext['clock'];
}

/** Characters of a server's text. */
const MOST_TEXT = 300;

/** @throws for everything but "stored" */
export function checkAnswer(answer: HttpAnswer, about: Circumstances): void {
  const { status } = answer;
  if (status >= 200 && status < 300 && !isHtml(answer)) return;
  const text = `${about.server} ${adviceFor(answer)}${quote(answer, about)}`;
  if (status === 413) throw new TooLargeError(text);
  if (isTooOld(answer)) throw new OutOfBoundsError(text);
  if (isRefusal(answer)) throw new PermanentError(text);
  throw new RetryableError(text, { retryAfterMs: retryAfter(answer.headers.get('retry-after'), about.clock.now()) });
}

/**
 * Whether it is these samples that will never be taken: too old, out of order, another value for the same time, labels
 * beyond a limit. Prometheus and Mimir say 400, Thanos 409, others 422.
 */
function isRefusal({ status, body }: HttpAnswer): boolean {
  // Who cannot read the request at all says 400 too; that is no fault of the samples.
  return (status === 400 && !isUnread(body)) || status === 409 || status === 422;
}

/** In the words of Prometheus alone: others take what they can of a request. Newer versions say it of the future too. */
function isTooOld({ status, body }: HttpAnswer): boolean {
  return status === 400 && body.trim() === 'out of bounds';
}

function isUnread(body: string): boolean {
  return /snappy|proto\b|protobuf|unmarshal|decod|decompress|<html/i.test(body);
}

const ADVICE: Readonly<Record<number, string>> = {
  401: 'does not accept the credentials; check username and password, bearer_token or headers',
  403: 'does not let these credentials write; grant the permission, or correct headers',
  404: 'takes no remote write at this path; Prometheus needs --web.enable-remote-write-receiver, else correct url',
  405: 'takes no remote write at this path; correct url',
  408: 'waited too long for the request (408)',
  413: 'takes no request of this size',
  415: 'speaks another version of remote write than 1.0 (415)',
  429: 'asks to be sent less (429)',
  503: 'is not available or overloaded (503)',
};

function adviceFor(answer: HttpAnswer): string {
  const { status } = answer;
  if (status < 300) return `answered with a web page (${status}), so it takes no remote write there; correct url`;
  if (status < 400) return `redirects (${status}), which is not followed; set url to the final address`;
  if (isRefusal(answer)) return `refused samples for good (${status})`;
  return ADVICE[status] ?? (status >= 500 ? `failed (${status})` : `answered ${status} to remote write; check url`);
}

function isHtml({ headers }: HttpAnswer): boolean {
  return headers.get('content-type')?.startsWith('text/html') === true;
}

function quote(answer: HttpAnswer, { redact }: Circumstances): string {
  if (isHtml(answer)) return '';
  const line = redact(answer.body).replace(/\s+/g, ' ').trim();
  if (line === '') return '';
  return `: ${line.length > MOST_TEXT ? `${line.slice(0, MOST_TEXT)}…` : line}`;
}
