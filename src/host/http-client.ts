/** HTTP for plugins that send messages and metrics: no redirects, bounded answers, errors without secrets. */
import { request as requestPlain, type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestTls } from 'node:https';
import { pipeline } from 'node:stream';
import { urlToHttpOptions } from 'node:url';
import { createGunzip, type Gunzip } from 'node:zlib';

import { errorCode, toError } from '../core/errors.ts';
import { RetryableError, TargetError } from '../plugin/errors.ts';
import { networkAdvice } from '../core/network-error.ts';
import type { HttpAnswer, HttpClient, HttpRequest } from '../plugin/index.ts';

import { Routes, type OpenRoute } from './http-route.ts';
import type { HostEnvironment } from './machine.ts';
import { decoded } from './proxy/proxy.ts';
import { failure, needsCredentials } from './proxy/tunnel-agent.ts';

const MAX_ANSWER_BYTES = 64 * 1024;
const REMEDIES = { start: 'start the service or correct url', trust: 'name its authority in NODE_EXTRA_CA_CERTS' };
const TLS_REMEDIES = { ...REMEDIES, trust: 'name its authority in tls.ca' };

/** Connections are kept alive. @param environment with HTTPS_PROXY, HTTP_PROXY and NO_PROXY; default: no proxy */
export function createHttpClient(environment: HostEnvironment = {}): HttpClient {
  const routes = new Routes(environment);
  return async (request, signal) => {
    const url = addressOf(request);
    const route = routeOf(request, url, routes);
    const ready = prepare(request, url, route, signal);
    try {
      const answer = await answerOf(ready, request, signal);
      if (answer.status === 407 && route.proxy !== undefined) throw needsCredentials(route.proxy);
      return answer;
    } catch (error) {
      const thrown: unknown = signal.aborted ? signal.reason : error;
      throw new RetryableError(`${url.host}: ${reasonOf(thrown, url, request, route)}`, { cause: thrown });
    }
  };
}

/** @throws RetryableError if the proxy's address is wrong: no message or metric is to blame */
function routeOf(request: HttpRequest, url: URL, routes: Routes): OpenRoute {
  try {
    return routes.to(request);
  } catch (error) {
    throw new RetryableError(`${url.host}: ${toError(error).message}`, { cause: error });
  }
}

/** @throws TargetError */
function addressOf({ url }: HttpRequest): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
    throw new TargetError('The address is not a URL that begins with http:// or https://; correct url');
  }
  return parsed;
}

/**
 * Finds errors in the request before anything is sent. Node's own messages quote the address or a header, which may be
 * secret, so none of them is passed on.
 *
 * @throws TargetError
 */
function prepare(request: HttpRequest, url: URL, { agent, forward }: OpenRoute, signal: AbortSignal): ClientRequest {
  const { method = 'POST' } = request;
  const { address, authorization } = withoutCredentials(url);
  const to = forward === undefined ? urlToHttpOptions(address) : throughProxy(forward.proxy, address);
  const headers = { ...headersToSend(request, authorization), ...forward?.headers };
  const make = to.protocol === 'https:' ? requestTls : requestPlain;
  try {
    return make({ ...to, agent, signal, method, headers: { host: address.host, ...headers } });
  } catch {
    throw new TargetError(`${url.host}: the request cannot be made; check method and headers`);
  }
}

function headersToSend({ headers = {}, body }: HttpRequest, authorization: string | undefined) {
  const all: Record<string, string | number> = { 'user-agent': 'healthd', ...lowerCase(headers) };
  if (authorization !== undefined) all['authorization'] ??= authorization;
  if (body !== undefined) all['content-length'] = Buffer.byteLength(body);
  if (typeof body === 'string') all['content-type'] ??= 'text/plain; charset=utf-8';
  return all;
}

/** The proxy gets the whole URL as the path: the absolute form of RFC 9112, 3.2.2. */
function throughProxy(proxy: string, { href, hash }: URL): RequestOptions {
  return { ...urlToHttpOptions(new URL(proxy)), path: href.slice(0, href.length - hash.length) };
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function answerOf(
  request: ClientRequest,
  { body, maxAnswerBytes = MAX_ANSWER_BYTES, answerCharset = 'utf8' }: HttpRequest,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    // While a tunnel is opened, an aborted request has no socket, and Node reports the abort only when it gets one.
    const onAbort = () => {
      reject(toError(signal.reason));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    request.once('close', () => {
      signal.removeEventListener('abort', onAbort);
    });
    request.on('error', reject);
    // No request asks for another protocol. Without a listener Node closes the connection without an error.
    request.on('upgrade', (answer, socket) => {
      socket.destroy();
      resolve({ status: answer.statusCode ?? 0, headers: headersOf(answer), body: '', isCut: false });
    });
    request.on('response', (answer) => {
      firstBytes(answer, maxAnswerBytes, request.getHeader('accept-encoding') === 'gzip').then(({ bytes, isCut }) => {
        const text = isReadable(answer, request) ? bytes.toString(answerCharset) : '';
        resolve({ status: answer.statusCode ?? 0, headers: headersOf(answer), body: text, isCut });
      }, reject);
    });
    request.end(body);
  });
}

function headersOf({ headers }: IncomingMessage): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, [value].flat().join(', ')]],
    ),
  );
}

/** Credentials in an address become a header: Node refuses them in the address. */
function withoutCredentials(url: URL): { address: URL; authorization: string | undefined } {
  if (url.username === '' && url.password === '') return { address: url, authorization: undefined };
  const address = new URL(url);
  address.username = '';
  address.password = '';
  const pair = [url.username, url.password].map(decoded).join(':');
  return { address, authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

function reasonOf(thrown: unknown, url: URL, { tls }: HttpRequest, { proxy, forward }: OpenRoute): string {
  const error = toError(thrown);
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return error.message;
  if (forward !== undefined && proxy !== undefined && errorCode(error) !== undefined)
    return failure(proxy, error).message;
  const advice = networkAdvice(error, tls === undefined ? REMEDIES : TLS_REMEDIES);
  return advice ?? withoutAddress(error.message || (errorCode(error) ?? 'failed'), url);
}

/** Hides unknown messages that quote the address, which may hold a secret. */
function withoutAddress(text: string, { pathname, search, username, password }: URL): string {
  const secrets = [pathname === '/' ? '' : pathname, search, username, password];
  return secrets.some((secret) => secret !== '' && text.includes(secret)) ? 'the request failed' : text;
}

/** Only if the request asked for gzip: nobody else may make the agent inflate something. */
function inflated(answer: IncomingMessage, asksForGzip: boolean): NodeJS.ReadableStream | Gunzip {
  if (!asksForGzip || answer.headers['content-encoding']?.toLowerCase() !== 'gzip') return answer;
  // An error of either stream is thrown to the reader of the last one.
  return pipeline(answer, createGunzip(), () => undefined);
}

/** Whether the body is not compressed, or was inflated. */
function isReadable({ headers }: IncomingMessage, request: ClientRequest): boolean {
  const encoding = headers['content-encoding']?.toLowerCase() ?? 'identity';
  return encoding === 'identity' || (encoding === 'gzip' && request.getHeader('accept-encoding') === 'gzip');
}

/** An empty body declared as gzip: an answer to HEAD, or one that only confirms. */
function isEmptyGzip(stream: NodeJS.ReadableStream | Gunzip, error: unknown): boolean {
  return errorCode(error) === 'Z_BUF_ERROR' && 'bytesWritten' in stream && stream.bytesWritten === 0;
}

/** Reads at most `most` bytes; the connection of a longer answer is closed. */
async function firstBytes(
  answer: IncomingMessage,
  most: number,
  asksForGzip: boolean,
): Promise<{ readonly bytes: Buffer; readonly isCut: boolean }> {
  const chunks: Uint8Array[] = [];
  const stream = inflated(answer, asksForGzip);
  let size = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > most) break;
    }
  } catch (error) {
    if (!isEmptyGzip(stream, error)) throw error;
  }
  const isCut = size > most;
  // The beginning of a body that is too large is only quoted.
  return { bytes: Buffer.concat(chunks, isCut ? Math.min(most, MAX_ANSWER_BYTES) : size), isCut };
}
