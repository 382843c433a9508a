/** `PluginContext.listen`: an HTTP server of a plugin. */
import type { IncomingMessage, ServerResponse } from 'node:http';

import { describeError } from '../../core/errors.ts';
import { isLoopbackName, parseHostHeader } from '../../core/listen-address.ts';
import type { HttpListener, HttpReply, ListenOptions, Logger, ReceivedRequest } from '../../plugin/index.ts';

import { bindProblem, bindServer } from './bind.ts';
import { Body, BodyBudget } from './body.ts';
import { challengeOf, isAuthorized } from './credentials.ts';
import { Refused } from './refused.ts';

const MAX_CONNECTIONS = 128;

/** Bodies of many megabytes come over slow links. Milliseconds. */
const REQUEST_MS = 60_000;

/** Tells another healthd whose server this is. */
const SERVER_NAME = 'healthd';

/** @throws Error that says why the address cannot be bound, and what to do */
export async function listenHttp(options: ListenOptions, log: Logger): Promise<HttpListener> {
  const { address, tls, maxConnections = MAX_CONNECTIONS, maxBodyBytes = 0 } = options;
  const budget = new BodyBudget(maxBodyBytes);
  const handler = (request: IncomingMessage, response: ServerResponse) => {
    // An error of the connection ends it; the socket's own handlers have seen it.
    response.on('error', () => response.destroy());
    const body = new Body(request, budget);
    void replyTo(request, response, body, { options, log })
      .then((reply) => {
        send(request, response, reply);
      })
      .finally(() => {
        body.release();
      });
  };
  try {
    const server = await bindServer(address, {
      tls,
      maxConnections,
      handler,
      log,
      name: 'The listener',
      limits: { requestTimeout: REQUEST_MS },
    });
    return { port: server.port ?? address.port, close: () => server.close() };
  } catch (error) {
    throw new Error(bindProblem(error, address, 'listen'), { cause: error });
  }
}

interface Serving {
  readonly options: ListenOptions;
  readonly log: Logger;
}

async function replyTo(
  request: IncomingMessage,
  response: ServerResponse,
  body: Body,
  { options, log }: Serving,
): Promise<HttpReply> {
  const gone = new AbortController();
  response.once('close', () => {
    gone.abort();
  });
  let path = '/';
  try {
    const url = urlOf(request);
    path = url.pathname;
    checkCaller(request, url, options);
    return await options.answer(receivedRequest(request, url, body), gone.signal);
  } catch (error) {
    if (error instanceof Refused) return inWords(error, request, path, options);
    // An aborted request is no failure of the plugin.
    if (!gone.signal.aborted) log.error(`A request failed: ${describeError(error)}`, { path });
    return inWords(new Refused(500, 'The request failed; the log of healthd says why'), request, path, options);
  }
}

/** Only path and query of the target count. @throws Refused 400 */
function urlOf({ url = '/' }: IncomingMessage): URL {
  try {
    return new URL(url.replace(/^\/+/, '/'), 'http://localhost');
  } catch {
    throw new Refused(400, 'The request target is not a path');
  }
}

const FOREIGN_NAME =
  'This listener is for programs on this host, so the Host header must name it: localhost or its address; behind a proxy, set its Host header, or credentials';

/** @throws Refused 401 or 421 */
function checkCaller(request: IncomingMessage, url: URL, options: ListenOptions): void {
  const { address, credentials, openPaths = [] } = options;
  // Credentials keep a foreign page out, and a proxy on this host may pass on the name that its clients use.
  if (address.isLoopback && credentials === undefined && !isLocalName(request.headers.host))
    throw new Refused(421, FOREIGN_NAME);
  const isOpen = credentials === undefined || openPaths.includes(url.pathname);
  if (!isOpen && !isAuthorized(request, url.searchParams, credentials))
    throw new Refused(401, 'Credentials are missing or wrong', { 'www-authenticate': challengeOf(credentials) });
}

/**
 * Any other name on a loopback address comes from a browser whose name service was tricked into it (DNS rebinding). Health
 * checks of HTTP 1.0 have no such header, browsers do.
 */
function isLocalName(header: string | undefined): boolean {
  return header === undefined || isLoopbackName(parseHostHeader(header));
}

function receivedRequest({ method = 'GET', headers }: IncomingMessage, url: URL, body: Body): ReceivedRequest {
  return {
    method,
    path: url.pathname,
    query: url.searchParams,
    header: (name) => {
      const value = headers[name.toLowerCase()];
      return Array.isArray(value) ? value[0] : value;
    },
    body: (...encodings) => body.read(encodings),
  };
}

function inWords(
  { status, message, headers }: Refused,
  request: IncomingMessage,
  path: string,
  { refuse }: ListenOptions,
): HttpReply {
  const contentType = request.headers['content-type'];
  const reply = refuse?.({ status, text: message, path, contentType }) ?? {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: `${message}\n`,
  };
  return { ...reply, headers: { ...headers, ...reply.headers } };
}

function send(request: IncomingMessage, response: ServerResponse, { status, headers, body = '' }: HttpReply): void {
  if (response.destroyed) return;
  // What is left of a refused request is not read to its end.
  const closing = request.complete ? {} : { connection: 'close' };
  const hasNoBody = status === 204 || status === 304;
  const length = hasNoBody ? {} : { 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, { server: SERVER_NAME, ...headers, ...closing, ...length });
  // For HEAD, Node omits the body.
  response.end(hasNoBody ? undefined : body);
}
