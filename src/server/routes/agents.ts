/** What agents of other hosts ask of a hub. See `api/hub-protocol.ts`. */
import type { IncomingMessage } from 'node:http';

import { alertsMessage, type AlertsAnswer } from '../../api/hub-alerts.ts';
import {
  heartbeat,
  heartbeatAnswer,
  inventoryReport,
  joinAnswer,
  joinRequest,
  keyAnswer,
  keyOffer,
  nonceAnswer,
  nonceRequest,
  sessionAnswer,
  sessionRequest,
} from '../../api/hub-protocol.ts';
import { whyAnswer } from '../../api/why.ts';
import { describeError } from '../../core/errors.ts';
import { jsonOf } from '../../core/json.ts';
import { Body, BodyBudget } from '../../host/http-server/body.ts';
import { HubRefusal, type AgentIntake, type AgentSession, type Run } from '../../hub/control.ts';
import { z } from '../../plugin/index.ts';

import { Reply } from '../answer.ts';
import { available, HttpError } from '../http-error.ts';
import { defineRoute, type ApiRequest, type Route } from '../route.ts';
import type { Sources } from '../sources.ts';

/** Of one request, inflated. */
const MOST_BYTES = 32 * 1024 * 1024;
/** Of one message about alerts. */
const MOST_ALERT_BYTES = 4 * 1024 * 1024;
/** A journal that cannot be written is tried again every five seconds. */
const RETRY_AFTER = { 'retry-after': '10' };

/** A number of a line. */
const position = () => z.coerce.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const runQuery = z.object({ from: position(), to: position(), size: position() });

export function agentIntakeRoutes(sources: Pick<Sources, 'intake'>): readonly Route[] {
  const agents = () => available(sources.intake(), 'The hub');
  const session = (request: Pick<ApiRequest, 'message'>) => agents().session(bearerOf(request.message));
  return [
    defineRoute({
      method: 'POST',
      path: '/api/v1/agents/join',
      needs: 'ingest',
      reach: 'none',
      act: null,
      summary: 'An agent joins with a join token as its bearer token',
      body: joinRequest,
      answer: joinAnswer,
      handle: ({ body, message }) => agents().join(bearerOf(message), body),
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/agents/nonce',
      needs: 'ingest',
      reach: 'none',
      act: null,
      summary: 'A number for an agent to sign',
      body: nonceRequest,
      answer: nonceAnswer,
      handle: ({ body }) => ({ nonce: agents().nonce(body.id) }),
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/agents/session',
      needs: 'ingest',
      reach: 'none',
      act: null,
      summary: 'A session for an agent that has signed its number',
      body: sessionRequest,
      answer: sessionAnswer,
      handle: ({ body }) => agents().openSession(body),
    }),
    ...memberRoutes(session),
    ownBodyRoute('alerts', MOST_ALERT_BYTES, agents, takeAlerts),
    ownBodyRoute('lines', MOST_BYTES, agents, takeLines),
  ];
}

/** Of those that have signed in. */
function memberRoutes(session: (request: Pick<ApiRequest, 'message'>) => AgentSession): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/api/v1/agents/heartbeat',
      needs: 'ingest',
      reach: 'none',
      act: null,
      summary: 'An agent is there, or says goodbye',
      body: heartbeat,
      answer: heartbeatAnswer,
      handle: ({ body, message }) => session({ message }).heartbeat(body),
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/agents/key',
      needs: 'ingest',
      reach: 'none',
      act: null,
      summary: 'A new key of an agent, signed with the old one',
      body: keyOffer,
      answer: keyAnswer,
      handle: ({ body, message }) => {
        session({ message }).offerKey(body);
        return {};
      },
    }),
    inventoryRoute(session),
    whyRoute(session),
  ];
}

interface Bounds {
  readonly budget: BodyBudget;
  readonly lanes: Lanes;
}

type Take = (request: ApiRequest, agents: AgentIntake, bounds: Bounds, signal: AbortSignal) => Promise<unknown>;

/** One that reads its body itself. @param most bytes of it, inflated */
function ownBodyRoute(name: string, most: number, agents: () => AgentIntake, take: Take): Route {
  const bounds = { budget: new BodyBudget(most), lanes: new Lanes() };
  return {
    method: 'POST',
    path: `/api/v1/agents/${name}`,
    needs: 'ingest',
    reach: 'none',
    act: null,
    about: undefined,
    readsBody: true,
    handle: (request, signal) => take(request, agents(), bounds, signal),
  };
}

/** @throws HttpError 400, 401, 404 on a hub without alerts; Refused 413 */
async function takeAlerts({ message }: ApiRequest, agents: AgentIntake, { budget }: Bounds): Promise<AlertsAnswer> {
  const session = agents.session(bearerOf(message));
  const body = new Body(message, budget);
  try {
    const parsed = alertsMessage.safeParse(jsonOf((await body.read([])).toString('utf8')));
    if (!parsed.success)
      throw new HttpError(400, `The message about alerts is wrong: ${z.prettifyError(parsed.error)}`);
    const answer = session.alerts(parsed.data);
    if (answer === undefined) throw new HttpError(404, 'This hub has no alerts; its agents notify by themselves');
    return answer;
  } finally {
    body.release();
  }
}

type SessionOf = (request: Pick<ApiRequest, 'message'>) => AgentSession;

function inventoryRoute(session: SessionOf): Route {
  return defineRoute({
    method: 'POST',
    path: '/api/v1/agents/inventory',
    needs: 'ingest',
    reach: 'none',
    act: null,
    summary: 'What the machine of an agent is made of',
    body: inventoryReport,
    answer: z.object({}),
    handle: ({ body, message }) => {
      if (!session({ message }).inventory(body))
        throw new HttpError(429, 'This host has told its inventory too often; later', { 'retry-after': '60' });
      return {};
    },
  });
}

function whyRoute(session: SessionOf): Route {
  return defineRoute({
    method: 'POST',
    path: '/api/v1/agents/why',
    needs: 'ingest',
    reach: 'none',
    act: null,
    summary: 'What the hub knows of an alert of an agent',
    body: z.strictObject({ fingerprint: z.string().min(1).max(64) }),
    answer: whyAnswer,
    handle: ({ body, message }) => {
      const why = session({ message }).why(body.fingerprint);
      if (why === undefined) throw new HttpError(404, 'The hub knows nothing of this alert');
      return why;
    },
  });
}

/**
 * @returns 204 when the lines are safe, 200 with the texts of those that cannot be read
 * @throws HttpError 401, 429 for a host that has sent too many lines, 503 while the hub cannot keep them
 */
async function takeLines(
  { message, query }: ApiRequest,
  agents: AgentIntake,
  { budget, lanes }: Bounds,
  signal: AbortSignal,
): Promise<Reply> {
  const session = agents.session(bearerOf(message));
  const { trouble } = agents;
  if (trouble !== undefined) throw new HttpError(503, `${trouble}; the lines stay with the agent`, RETRY_AFTER);
  if (session.waitMs > 0)
    throw new HttpError(429, 'This host sends more lines than the hub takes of one (hub.lines_per_second); later', {
      'retry-after': String(Math.ceil(session.waitMs / 1000)),
    });
  const run = runOf(query);
  const body = new Body(message, budget);
  const leave = lanes.enter(session.host, message);
  try {
    const lines = await body.read([]);
    const bad = await session.take(lines, run, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      if (error instanceof HubRefusal) throw error;
      throw new HttpError(503, `The hub cannot keep the lines: ${describeError(error)}`, RETRY_AFTER);
    });
    if (bad.length === 0) return new Reply(204, {}, '');
    return new Reply(200, { 'content-type': 'application/json' }, `${JSON.stringify({ refused: bad })}\n`);
  } finally {
    leave();
    body.release();
  }
}

/** Each host sends one batch at a time. A newer request ends the one before, whose connection may be dead. */
class Lanes {
  readonly #current = new Map<string, IncomingMessage>();

  /** @returns to be called when the request is over */
  enter(host: string, message: IncomingMessage): () => void {
    this.#current.get(host)?.destroy();
    this.#current.set(host, message);
    return () => {
      if (this.#current.get(host) === message) this.#current.delete(host);
    };
  }
}

/** @throws HttpError 400 */
function runOf(query: URLSearchParams): Run | undefined {
  if (!query.has('to')) return undefined;
  const run = runQuery.safeParse(Object.fromEntries(query));
  if (!run.success || run.data.to < run.data.from)
    throw new HttpError(400, 'from, to and size must be numbers of lines');
  return run.data;
}

/** @throws HttpError 401 */
function bearerOf({ headers }: IncomingMessage): string {
  const token = /^Bearer ([\w-]{1,100})$/.exec(headers.authorization ?? '')?.[1];
  if (token === undefined) throw new HttpError(401, 'Agents send a token: Authorization: Bearer …');
  return token;
}
