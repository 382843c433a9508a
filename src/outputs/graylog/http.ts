/** GELF over HTTP: one request per message. */
import {
  isWebPage,
  RetryableError,
  retryAfter,
  TooLargeError,
  type HttpAnswer,
  type HttpRequest,
  type PluginContext,
  type TlsMaterial,
} from '../../plugin/index.ts';

import type { Refusal, Transport } from './transport.ts';

export interface HttpSettings {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsMaterial;
  readonly proxy: string | undefined;
}

/** Sending more sequentially could exceed the deadline of a write, and the retry would start from the first message. */
const MAX_MESSAGES = 200;

/** A GELF input accepts only POST and answers a GET with this. */
const METHOD_NOT_ALLOWED = 405;

const REFUSED: ReadonlyMap<number, string> = new Map([
  [400, 'the server rejected the message (400)'],
  [413, 'the message is too large for the server (413); raise the maximum message size of its input'],
  [422, 'the server rejected the message (422)'],
]);

export function httpTransport({ http, clock }: PluginContext, { url, headers, tls, proxy }: HttpSettings): Transport {
  const { host } = new URL(url);
  const send = (request: Partial<HttpRequest>, signal: AbortSignal) =>
    http({ url, tls, proxy, ...request, headers: { ...headers, ...request.headers } }, signal);
  return {
    async connect(signal) {
      const answer = await send({ method: 'GET' }, signal);
      if (answer.status !== METHOD_NOT_ALLOWED && !isAccepted(answer)) throw failure(host, answer, clock.now());
    },
    async send(messages, signal) {
      if (messages.length > MAX_MESSAGES) {
        throw new TooLargeError(`${host} accepts one message per request; a batch is limited to ${MAX_MESSAGES}`);
      }
      const refusals: Refusal[] = [];
      for (const [index, body] of messages.entries()) {
        const answer = await send({ body, headers: { 'content-type': 'application/json' } }, signal);
        const reason = isWebPage(answer) ? undefined : REFUSED.get(answer.status);
        if (reason !== undefined) refusals.push({ index, reason });
        else if (!isAccepted(answer)) throw failure(host, answer, clock.now());
      }
      return refusals;
    },
  };
}

/** Graylog answers 202, other GELF servers 200 or 204. */
function isAccepted(answer: HttpAnswer): boolean {
  return answer.status >= 200 && answer.status < 300 && !isWebPage(answer);
}

function failure(host: string, answer: HttpAnswer, now: number): RetryableError {
  return new RetryableError(`${host} ${reasonOf(answer)}`, {
    retryAfterMs: retryAfter(answer.headers.get('retry-after'), now),
  });
}

function reasonOf(answer: HttpAnswer): string {
  const { status } = answer;
  if (status < 300) return `answered with a web page (${status}), so it is no GELF input; check address`;
  if (status < 400) return `redirects (${status}); set address to the final address`;
  if (status === 401 || status === 403) return `rejected the credentials (${status}); check headers`;
  if (status === 404) return 'has no GELF input at this path (404); it is usually /gelf';
  if (status === 429 || status === 503) return `is overloaded or unavailable (${status})`;
  return `failed (${status}); check address and the input in Graylog`;
}
