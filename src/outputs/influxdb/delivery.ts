/** Sends one request to the servers in turn until one of them accepts or rejects the lines. */
import { RetryableError, type Batch, type PluginContext } from '../../plugin/index.ts';

import { createDatabase, isUnknownDatabase } from './database.ts';
import { Failover } from './failover.ts';
import { noAnswer } from './network-error.ts';
import type { Redact } from './redact.ts';
import type { Server } from './server.ts';
import type { Target } from './target.ts';
import type { Answer, Connection, Request } from './transport.ts';
import { verdict } from './verdict.ts';

export interface Route {
  readonly server: Server;
  readonly connection: Connection;
}

export interface DeliverySettings {
  readonly routes: readonly Route[];
  readonly target: Target;
  readonly redact: Redact;
  readonly context: PluginContext;
}

/**
 * @param batch the lines in the request; undefined for none
 * @throws the verdict of the server, or a RetryableError if no server is usable
 */
export type Deliver = (request: Request, batch: Batch | undefined, signal: AbortSignal) => Promise<void>;

export function createDelivery(settings: DeliverySettings): Deliver {
  const { routes, context } = settings;
  const failover = new Failover(routes.length, context.clock);
  return async (request, batch, signal) => {
    const failures: RetryableError[] = [];
    for (const index of failover.order()) {
      const route = routes[index];
      if (route === undefined) continue;
      const outcome = await attempt(route, request, batch, settings, signal);
      if (outcome instanceof RetryableError) {
        failover.failed(index);
        failures.push(outcome);
        continue;
      }
      if (failover.worked(index)) {
        context.log.warn('Failed over to another url', { url: route.server.url, because: textOf(failures) });
      }
      if (outcome !== undefined) throw outcome;
      return;
    }
    throw combined(failures);
  };
}

/** @returns undefined if the lines are stored, else the error; throws only if the signal aborted */
async function attempt(
  route: Route,
  request: Request,
  batch: Batch | undefined,
  settings: DeliverySettings,
  signal: AbortSignal,
): Promise<Error | undefined> {
  const { target, redact, context } = settings;
  try {
    const answer =
      batch === undefined
        ? await route.connection.post(request, signal)
        : await postCreating(route, request, settings, signal);
    // A mistyped name must not become a database by a mere test of the connection.
    if (batch === undefined && target.creation !== undefined && isUnknownDatabase(answer)) {
      context.log.info(`There is no ${target.name} yet; the first write creates it`, { url: route.server.url });
      return undefined;
    }
    return verdict(answer, batch, { server: route.server, target, redact, now: context.clock.now() });
  } catch (error) {
    if (signal.aborted) throw error;
    return error instanceof RetryableError ? error : noAnswer(route.server.url, error, redact);
  }
}

/** Posts a request, and creates the database if it is missing; on every write, since it may be dropped at any time. */
async function postCreating(
  { server, connection }: Route,
  request: Request,
  { target, redact, context }: DeliverySettings,
  signal: AbortSignal,
): Promise<Answer> {
  const answer = await connection.post(request, signal);
  if (target.creation === undefined || !isUnknownDatabase(answer)) return answer;
  await createDatabase(connection, { server, target, redact }, target.creation, signal);
  context.log.info('Created the missing database', { url: server.url, name: target.name });
  return connection.post(request, signal);
}

/** The shortest `Retry-After` counts: all servers are tried again as soon as one may be. */
function combined(failures: readonly RetryableError[]): RetryableError {
  const [first] = failures;
  if (first !== undefined && failures.length === 1) return first;
  const waits = failures.map(({ retryAfterMs = 0 }) => retryAfterMs);
  return new RetryableError(`None of ${failures.length} urls accepted the lines: ${textOf(failures)}`, {
    cause: first,
    retryAfterMs: Math.min(...waits) || undefined,
  });
}

function textOf(failures: readonly Error[]): string {
  return failures.map(({ message }) => message).join('; ');
}
