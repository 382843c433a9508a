/** GELF over HTTP: one message a request. */
import {
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
}

/** More might not be sent one after the other until the deadline of a write, and would be sent again from the first. */
const MAX_MESSAGES = 200;

/** The answer to GET of an input that takes only POST. */
const METHOD_NOT_ALLOWED = 405;

const REFUSED: ReadonlyMap<number, string> = new Map([
  [400, 'the server does not accept the message (400)'],
  [413, 'the message is too large for the server (413); raise the maximum message size of its input'],
  [422, 'the server does not accept the message (422)'],
]);

export function httpTransport({ http, clock }: PluginContext, { url, headers, tls }: HttpSettings): Transport {
  const { host } = new URL(url);
  const ask = (request: Partial<HttpRequest>, signal: AbortSignal) =>
    http({ url, tls, ...request, headers: { ...headers, ...request.headers } }, signal);
  return {
    async connect(signal) {
      const answer = await ask({ method: 'GET' }, signal);
      if (answer.status !== METHOD_NOT_ALLOWED && !isTaken(answer)) throw failure(host, answer, clock.now());
    },
    async send(messages, signal) {
      if (messages.length > MAX_MESSAGES) {
        throw new TooLargeError(`${host} takes one message a request; at most ${MAX_MESSAGES} are sent at once`);
      }
      const refusals: Refusal[] = [];
      for (const [index, body] of messages.entries()) {
        const answer = await ask({ body, headers: { 'content-type': 'application/json' } }, signal);
        const reason = REFUSED.get(answer.status);
        if (reason !== undefined) refusals.push({ index, reason });
        else if (!isTaken(answer)) throw failure(host, answer, clock.now());
      }
      return refusals;
    },
  };
}

/** Graylog answers 202, others that take GELF 200 or 204. */
function isTaken({ status }: HttpAnswer): boolean {
  return status >= 200 && status < 300;
}

function failure(host: string, { status, headers }: HttpAnswer, now: number): RetryableError {
  return new RetryableError(`${host} ${reasonOf(status)}`, {
    retryAfterMs: retryAfter(headers.get('retry-after'), now),
  });
}

function reasonOf(status: number): string {
  if (status < 400) return `redirects (${status}); set address to where the input is`;
  if (status === 401 || status === 403) return `does not accept the credentials (${status}); check headers`;
  if (status === 404) return 'has no GELF input there (404); the path of address is usually /gelf';
  if (status === 429 || status === 503) return `is overloaded or not available (${status})`;
  return `failed (${status}); check address, and the input in Graylog`;
}
