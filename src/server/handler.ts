/** From a request to its answer, the same for the control socket and the TCP port; they differ in their gate. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import { RefusedRequest } from '../alerts/control.ts';
import type { HubCode } from '../api/hub-protocol.ts';
import type { Clock } from '../core/clock.ts';
import { describeError } from '../core/errors.ts';
import { HistoryUnavailableError } from '../history/access.ts';
import { Refused } from '../host/http-server/refused.ts';
import { CloneRefusal, HubRefusal } from '../hub/control.ts';
import type { Logger } from '../plugin/index.ts';

import { includes, OWNER, STRANGER, type Caller } from './access/caller.ts';
import type { Sight } from './access/sight.ts';
import { EventStream, Reply } from './answer.ts';
import { openSink, STREAM_HEADERS } from './event-sink.ts';
import { HttpError } from './http-error.ts';
import { matchRoute, type Need, type Reach, type Route } from './route.ts';
import { sendReply } from './send.ts';

const MAX_BODY_BYTES = 64 * 1024;
/** Of one connection. Browsers do not send a request before the answer to the one before. */
const MAX_UNANSWERED = 8;

/** Decides who may pass. */
export interface Gate {
  /** Headers of every answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** @param route undefined if there is none @throws HttpError for a request that a foreign page made */
  checkOrigin(request: IncomingMessage, route: Route | undefined): void;
  /** @throws HttpError for credentials that are wrong */
  identify(request: IncomingMessage): Promise<Caller>;
}

const OWN_CONNECTION = 'A stream needs a connection of its own';

export const CONTROL_GATE: Gate = {
  headers: {},
  checkOrigin: () => undefined,
  identify: () => Promise.resolve(OWNER),
};

/** What somebody has done. */
export interface Deed {
  /** As the audit log calls it. */
  readonly act: string;
  /** The id in the path; empty if it has none. */
  readonly of: string;
  readonly by: string;
}

export interface HandlerOptions {
  readonly routes: readonly Route[];
  readonly gate: () => Gate;
  readonly sightOf: (caller: Caller) => Sight;
  readonly audit: (deed: Deed) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

export function createHandler(options: HandlerOptions): RequestListener {
  const unanswered = new WeakMap<Socket, number>();
  return (request, response) => {
    const { socket } = request;
    const waiting = unanswered.get(socket) ?? 0;
    if (waiting >= MAX_UNANSWERED) {
      socket.destroy();
      return;
    }
    unanswered.set(socket, waiting + 1);
    response.once('finish', () => unanswered.set(socket, (unanswered.get(socket) ?? 1) - 1));
    // An error of the connection ends it; the socket's own handlers have seen it.
    response.on('error', () => response.destroy());
    const closed = new AbortController();
    response.once('close', () => {
      closed.abort();
    });
    void answer(request, options, closed.signal).then((result) => {
      const headers = { ...options.gate().headers };
      if (!(result instanceof EventStream)) sendReply(request, response, result, headers);
      // Behind another answer of its connection a response has no socket, and would never say that its reader has gone.
      else if (response.socket === null) sendReply(request, response, json(503, { error: OWN_CONNECTION }), headers);
      else startStream(result, response, headers, options);
    });
  };
}

function startStream(
  stream: EventStream,
  response: ServerResponse,
  headers: Readonly<Record<string, string>>,
  { clock, log }: HandlerOptions,
): void {
  response.writeHead(200, { ...headers, ...STREAM_HEADERS });
  // The reader is connected now, not with the first event.
  response.flushHeaders();
  const sink = openSink(response, clock);
  stream.start(sink).catch((error: unknown) => {
    errorReply(error, log); // Only logs it: the answer has begun.
    sink.drop();
  });
}

async function answer(
  request: IncomingMessage,
  options: HandlerOptions,
  signal: AbortSignal,
): Promise<Reply | EventStream> {
  try {
    const result = await handle(request, options, signal);
    return result instanceof Reply || result instanceof EventStream ? result : json(200, result);
  } catch (error) {
    // Nobody waits for the answer, and nothing has failed but the connection.
    return signal.aborted ? new Reply(499, {}, '') : errorReply(error, options.log);
  }
}

async function handle(request: IncomingMessage, options: HandlerOptions, signal: AbortSignal): Promise<unknown> {
  const { routes, gate } = options;
  const { pathname, searchParams: query } = urlOf(request);
  const method = request.method === 'HEAD' ? 'GET' : (request.method ?? 'GET');
  const matched = matchRoute(routes, method, pathname);
  gate().checkOrigin(request, matched?.route);
  if (matched === undefined) throw noRoute(routes, method, pathname);
  const { route, id } = matched;
  const caller = route.needs === 'ingest' ? STRANGER : await gate().identify(request);
  checkNeed(route.needs, caller);
  const sight = options.sightOf(caller);
  checkReach(route.reach, sight);
  const body = method === 'GET' || route.readsBody === true ? undefined : await readBody(request);
  const result = await route.handle({ id, query, body, caller, sight, message: request }, signal);
  if (typeof route.act === 'string') options.audit({ act: route.act, of: id, by: caller.name });
  return result;
}

/** Only the path and the query of a request target count, whatever host an absolute one names. */
function urlOf({ url = '/' }: IncomingMessage): URL {
  try {
    return new URL(url.replace(/^\/+/, '/'), 'http://localhost');
  } catch {
    throw new HttpError(400, 'The request target is not a path');
  }
}

function noRoute(routes: readonly Route[], method: string, path: string): HttpError {
  const others = (['GET', 'POST', 'DELETE'] as const).filter(
    (each) => each !== method && routes.some((route) => route.needs !== 'page' && matchRoute([route], each, path)),
  );
  if (others.length === 0) return new HttpError(404, `No such route: ${method} ${path}`);
  return new HttpError(405, `Use ${others.join(' or ')}`, { allow: others.join(', ') });
}

function checkNeed(need: Need, { mayRead, role, isOwner }: Caller): void {
  const mayPass: Readonly<Record<Need, boolean>> = {
    open: true,
    page: true,
    ingest: true,
    read: mayRead,
    viewer: includes(role, 'viewer'),
    operator: includes(role, 'operator'),
    admin: includes(role, 'admin'),
    owner: isOwner,
  };
  if (mayPass[need]) return;
  if (need === 'owner') throw new HttpError(403, 'Only the control socket may do this');
  if (role !== undefined) throw new HttpError(403, `This needs the role ${need}; yours is ${role}`);
  throw new HttpError(401, 'Sign in: open the address that "healthd status" prints, or use a password or an API token');
}

function checkReach(reach: Reach, { isWhole, own }: Sight): void {
  if (reach === 'all' && !isWhole)
    throw new HttpError(403, 'This is about all hosts, and you see only those of your scope');
  if (reach === 'own' && !own) throw new HttpError(403, 'The host of this agent is not in your scope');
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new HttpError(413, `The request is larger than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  try {
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  } catch (error) {
    throw new HttpError(400, `The body is not JSON: ${describeError(error)}`);
  }
}

function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return new Reply(status, { ...headers, 'content-type': 'application/json' }, `${JSON.stringify(value ?? null)}\n`);
}

const STATUS_OF_REFUSAL: Readonly<Record<HubCode, number>> = {
  token_unknown: 401,
  token_expired: 401,
  token_used: 401,
  unknown: 401,
  session: 401,
  pending: 403,
  revoked: 403,
  clone: 409,
  version: 400,
  self: 400,
};

function refusalOf(error: HubRefusal) {
  const { message, code } = error;
  return { error: message, code, ...(error instanceof CloneRefusal && { token: error.token }) };
}

function errorReply(error: unknown, log: Logger): Reply {
  if (error instanceof HttpError) return json(error.status, { error: error.message }, error.headers);
  if (error instanceof Refused) return json(error.status, { error: error.message }, error.headers);
  if (error instanceof HubRefusal) return json(STATUS_OF_REFUSAL[error.code], refusalOf(error));
  if (error instanceof HistoryUnavailableError) return json(503, { error: error.message }, { 'retry-after': '1' });
  if (error instanceof RefusedRequest) return json(422, { error: error.message });
  log.error(`A request failed: ${describeError(error)}`);
  return json(500, { error: 'The request failed; the log of the agent says why' });
}
