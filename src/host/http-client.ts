/** HTTP for plugins that send messages and metrics: no redirects, bounded answers, errors without secrets. */
import { request as requestPlain, type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent, request as requestTls } from 'node:https';
import { pipeline } from 'node:stream';
import { createGunzip, type Gunzip } from 'node:zlib';

import { errorCode, toError } from '../core/errors.ts';
import { RetryableError, TargetError } from '../plugin/errors.ts';
import { networkAdvice } from '../core/network-error.ts';
import type { HttpAnswer, HttpClient, HttpRequest, TlsMaterial } from '../plugin/index.ts';

const MAX_ANSWER_BYTES = 64 * 1024;
const REMEDIES = { start: 'start the service or correct url', trust: 'name its authority in NODE_EXTRA_CA_CERTS' };
const TLS_REMEDIES = { ...REMEDIES, trust: 'name its authority in tls.ca' };

/** Connections are kept alive, one pool for each set of certificates. */
export function createHttpClient(): HttpClient {
  const agents = new WeakMap<TlsMaterial, Agent>();
  const agentFor = (tls: TlsMaterial) => {
    const agent = agents.get(tls) ?? new Agent({ keepAlive: true, ...tls });
    agents.set(tls, agent);
    return agent;
  };
  return async (request, signal) => {
    const url = addressOf(request);
    const agent = request.tls === undefined || url.protocol === 'http:' ? undefined : agentFor(request.tls);
    const ready = prepare(request, url, agent === undefined ? { signal } : { signal, agent });
    try {
      return await answerOf(ready, request);
    } catch (error) {
      const thrown: unknown = signal.aborted ? signal.reason : error;
      throw new RetryableError(`${url.host}: ${reasonOf(thrown, url, request)}`, { cause: thrown });
    }
  };
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
function prepare({ method = 'POST', headers = {}, body }: HttpRequest, url: URL, options: RequestOptions) {
  const { address, authorization } = withoutCredentials(url);
  const all: Record<string, string | number> = { 'user-agent': 'healthd', ...lowerCase(headers) };
  if (authorization !== undefined) all['authorization'] ??= authorization;
  if (body !== undefined) all['content-length'] = Buffer.byteLength(body);
  if (typeof body === 'string') all['content-type'] ??= 'text/plain; charset=utf-8';
  const make = url.protocol === 'https:' ? requestTls : requestPlain;
  try {
    return make(address, { ...options, method, headers: all });
  } catch {
    throw new TargetError(`${url.host}: the request cannot be made; check method and headers`);
  }
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function answerOf(
  request: ClientRequest,
  { body, maxAnswerBytes = MAX_ANSWER_BYTES }: HttpRequest,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    request.on('error', reject);
    // No request asks for another protocol. Without a listener Node closes the connection without an error.
    request.on('upgrade', (answer, socket) => {
      socket.destroy();
      resolve({ status: answer.statusCode ?? 0, headers: headersOf(answer), body: '', isCut: false });
    });
    request.on('response', (answer) => {
      firstBytes(answer, maxAnswerBytes).then((read) => {
        resolve({ status: answer.statusCode ?? 0, headers: headersOf(answer), ...read });
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

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function reasonOf(thrown: unknown, url: URL, { tls }: HttpRequest): string {
  const error = toError(thrown);
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return error.message;
  const advice = networkAdvice(error, tls === undefined ? REMEDIES : TLS_REMEDIES);
  return advice ?? withoutAddress(error.message || (errorCode(error) ?? 'failed'), url);
}

/** Hides unknown messages that quote the address, which may hold a secret. */
function withoutAddress(text: string, { pathname, search, username, password }: URL): string {
  const secrets = [pathname === '/' ? '' : pathname, search, username, password];
  return secrets.some((secret) => secret !== '' && text.includes(secret)) ? 'the request failed' : text;
}

/** Servers send gzip only to requests that ask for it. */
function inflated(answer: IncomingMessage): NodeJS.ReadableStream | Gunzip {
  if (answer.headers['content-encoding']?.toLowerCase() !== 'gzip') return answer;
  // An error of either stream is thrown to the reader of the last one.
  return pipeline(answer, createGunzip(), () => undefined);
}

/** An empty body declared as gzip: an answer to HEAD, or one that only confirms. */
function isEmptyGzip(stream: NodeJS.ReadableStream | Gunzip, error: unknown): boolean {
  return errorCode(error) === 'Z_BUF_ERROR' && 'bytesWritten' in stream && stream.bytesWritten === 0;
}

/** Reads at most `most` bytes; the connection of a longer answer is closed. */
async function firstBytes(answer: IncomingMessage, most: number): Promise<Pick<HttpAnswer, 'body' | 'isCut'>> {
  const chunks: Uint8Array[] = [];
  const stream = inflated(answer);
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
  return { body: Buffer.concat(chunks).subarray(0, most).toString('utf8'), isCut: size > most };
}
