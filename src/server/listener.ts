/** The local API of a running daemon: JSON over a socket that only its user may open. */
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { dirname } from 'node:path';

import { RefusedRequest, type AlertControl } from '../alerts/control.ts';
import { describeError } from '../core/errors.ts';
import type { Logger } from '../plugin/index.ts';

import { answerControl, type ControlAnswer } from './routes.ts';
import type { Endpoint } from './endpoint.ts';

const MAX_BODY_BYTES = 64 * 1024;
const REQUEST_TIMEOUT_MS = 10_000;
/** Nobody but the user that healthd runs as; root may always. */
const OWNER_ONLY = 0o600;

export interface ControlServer {
  close(): Promise<void>;
}

/**
 * Whoever calls this has the state directory for itself: a socket that is there is one that a dead process left behind.
 *
 * @throws what the system says if the socket cannot be made
 */
export async function serveControl(endpoint: Endpoint, control: AlertControl, log: Logger): Promise<ControlServer> {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    void answer(request, control).then((result) => {
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
  await listen(server, endpoint);
  return { close: () => close(server) };
}

function listen(server: Server, { path, isFile }: Endpoint): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // A socket gets its rights from the umask, so it is never open to others, not even for a moment.
    const before = isFile ? process.umask(0o177) : undefined;
    server.listen(path, () => {
      server.off('error', reject);
      if (isFile) chmodSync(path, OWNER_ONLY);
      resolve();
    });
    if (before !== undefined) process.umask(before);
  });
}

async function answer(request: IncomingMessage, control: AlertControl): Promise<ControlAnswer> {
  try {
    const body = await readBody(request);
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const { method = 'GET' } = request;
    return answerControl({ method, path: pathname, query: searchParams, body }, control);
  } catch (error) {
    const status = error instanceof RefusedRequest ? 422 : error instanceof SyntaxError ? 400 : 500;
    return { status, body: { error: describeError(error) } };
  }
}

/** @throws RefusedRequest if it is too large; SyntaxError if it is not JSON */
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

function send(response: ServerResponse, { status, body }: ControlAnswer): void {
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
