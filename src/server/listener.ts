/** The local API of a running daemon: JSON over HTTP on a socket that only its user may open. */
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { dirname } from 'node:path';

import { RefusedRequest } from '../alerts/control.ts';
import { describeError } from '../core/errors.ts';
import type { Logger } from '../plugin/index.ts';

import type { Endpoint } from './endpoint.ts';
import { matchRoute, type Route } from './route.ts';

const MAX_BODY_BYTES = 64 * 1024;
const REQUEST_TIMEOUT_MS = 10_000;
/** The user that healthd runs as, and root. */
const OWNER_ONLY = 0o600;

export interface Listener {
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  /** Any JSON value. */
  readonly body: unknown;
}

/**
 * Listens on a socket that only its user may open. The caller holds the lock on the state directory, so an existing
 * socket is stale and is removed.
 *
 * @throws the system error if the socket cannot be created
 */
export async function listen(endpoint: Endpoint, routes: readonly Route[], log: Logger): Promise<Listener> {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    void answer(request, routes).then((result) => {
      send(response, result);
    });
  });
  server.on('error', (error) => {
    log.error(`The local API failed: ${describeError(error)}`);
  });
  if (endpoint.isFile) {
    mkdirSync(dirname(endpoint.path), { recursive: true, mode: 0o700 });
    rmSync(endpoint.path, { force: true });
  }
  await bind(server, endpoint);
  return { close: () => close(server) };
}

function bind(server: Server, { path, isFile }: Endpoint): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // The umask sets the mode at creation, so the socket is never open to others, not even briefly.
    const before = isFile ? process.umask(0o177) : undefined;
    server.listen(path, () => {
      server.off('error', reject);
      if (isFile) chmodSync(path, OWNER_ONLY);
      resolve();
    });
    if (before !== undefined) process.umask(before);
  });
}

async function answer(request: IncomingMessage, routes: readonly Route[]): Promise<Answer> {
  const closed = new AbortController();
  request.once('close', () => {
    closed.abort();
  });
  try {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://localhost');
    const { method = 'GET' } = request;
    const matched = matchRoute(routes, method, pathname);
    if (matched === undefined) return { status: 404, body: { error: `No such route: ${method} ${pathname}` } };
    const { route, id } = matched;
    const body = await route.handle({ id, query, body: await readBody(request) }, closed.signal);
    return { status: 200, body };
  } catch (error) {
    const status = error instanceof RefusedRequest ? 422 : error instanceof SyntaxError ? 400 : 500;
    // A refusal may have several lines: the problems of a configuration.
    return { status, body: { error: error instanceof RefusedRequest ? error.message : describeError(error) } };
  }
}

/** @throws RefusedRequest for a body that is too large; SyntaxError for one that is not JSON */
async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new RefusedRequest(`The request is larger than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? undefined : (JSON.parse(text) as unknown);
}

function send(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
