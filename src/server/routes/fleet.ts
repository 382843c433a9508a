/** The fleet of a hub: its hosts, what happened to them, and who may join. */
import { fleetInventoryAnswer, hostInventoryAnswer } from '../../api/fleet-inventory.ts';
import {
  fleetAnswer,
  fleetEventsAnswer,
  hostActed,
  labelRequest,
  renameRequest,
  tokenAnswer,
  tokenRequest,
  tokensAnswer,
} from '../../api/fleet.ts';
import type { HostAct, HubControl } from '../../hub/control.ts';
import { z } from '../../plugin/index.ts';

import type { Sight } from '../access/sight.ts';
import { available, HttpError } from '../http-error.ts';
import { defineRoute, type Route } from '../route.ts';
import { seenFleet, seenFleetEvents } from '../seen.ts';
import type { Sources } from '../sources.ts';

const ACTS: Readonly<Record<HostAct, { readonly entry: string; readonly summary: string }>> = {
  approve: { entry: 'host_approved', summary: 'Takes a host that waits for approval' },
  revoke: { entry: 'host_revoked', summary: 'Refuses a host from now on' },
  rotate: { entry: 'host_key_wanted', summary: 'Asks a host for a new key; the old one ends when the new one is used' },
  forget: { entry: 'host_forgotten', summary: 'Forgets a host; it may join again' },
};

/** Before the choice of what a caller sees. */
const MOST_EVENTS = 5000;

export function fleetRoutes(
  sources: Pick<Sources, 'hub'>,
  joinAddress: (token: string) => string | undefined,
): readonly Route[] {
  const hub = () => available(sources.hub(), 'The hub', '"hub: {}" in the configuration makes an agent one');
  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/fleet',
      needs: 'read',
      reach: 'seen',
      summary: 'The hosts of a hub, whether they are there, and the account of their lines',
      answer: fleetAnswer,
      handle: ({ sight }) => seenFleet(hub().fleet(), sight),
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/fleet/events',
      needs: 'read',
      reach: 'seen',
      summary: 'What happened to the hosts, the newest first',
      query: z.strictObject({
        host: z.string().max(255).optional(),
        limit: z.coerce.number().int().min(1).max(1000).default(100),
      }),
      answer: fleetEventsAnswer,
      handle: ({ query: { host, limit }, sight }) => {
        if (host !== undefined) checkSeen(hub(), host, sight);
        const all = found(hub().events(host, sight.isWhole ? limit : MOST_EVENTS), host ?? '');
        return { events: seenFleetEvents(all, sight).events.slice(0, limit) };
      },
    }),
    ...inventoryRoutes(hub),
    ...(['approve', 'revoke', 'rotate', 'forget'] as const).map((what) =>
      defineRoute({
        method: 'POST',
        path: `/api/v1/fleet/hosts/:id/${what}`,
        needs: 'admin',
        reach: 'seen',
        act: ACTS[what].entry,
        summary: ACTS[what].summary,
        answer: hostActed,
        handle: ({ id, sight }) => {
          checkSeen(hub(), id, sight);
          return refusing(() => found(hub().act(what, id), id));
        },
      }),
    ),
    ...nameRoutes(hub),
    ...tokenRoutes(hub, joinAddress),
  ];
}

function nameRoutes(hub: () => HubControl): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/api/v1/fleet/hosts/:id/rename',
      needs: 'admin',
      reach: 'seen',
      act: 'host_renamed',
      summary: 'Gives a host a name for people; its metrics keep the name of the host',
      body: renameRequest,
      answer: hostActed,
      handle: ({ id, body, sight }) => {
        checkSeen(hub(), id, sight);
        return refusing(() => found(hub().rename(id, body.name), id));
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/fleet/hosts/:id/labels',
      needs: 'admin',
      // Labels say who sees a host.
      reach: 'all',
      act: 'host_labelled',
      summary: 'Gives labels to a host, or takes them away',
      body: labelRequest,
      answer: hostActed,
      handle: ({ id, body }) => refusing(() => found(hub().label(id, body.labels), id)),
    }),
  ];
}

function inventoryRoutes(hub: () => HubControl): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/fleet/inventory',
      needs: 'read',
      reach: 'seen',
      summary: 'System, kernel, processors, memory and version of each host, to compare them by',
      answer: fleetInventoryAnswer,
      handle: ({ sight }) => ({
        hosts: hub()
          .inventories()
          .hosts.filter(({ id }) => sight.host(id)),
      }),
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/fleet/hosts/:id/inventory',
      needs: 'read',
      reach: 'seen',
      summary: 'What a host is made of, and what changed in it, the newest first',
      answer: hostInventoryAnswer,
      handle: ({ id, sight }) => {
        checkSeen(hub(), id, sight);
        return found(hub().inventory(id), id);
      },
    }),
  ];
}

function refusing<Answer>(work: () => Answer): Answer {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError) throw new HttpError(422, error.message);
    throw error;
  }
}

function tokenRoutes(
  hub: () => NonNullable<ReturnType<Sources['hub']>>,
  joinAddress: (token: string) => string | undefined,
): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/fleet/tokens',
      needs: 'admin',
      reach: 'all',
      summary: 'Join tokens, without the tokens themselves',
      answer: tokensAnswer,
      handle: () => hub().tokens(),
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/fleet/tokens',
      needs: 'admin',
      reach: 'all',
      act: 'join_token_created',
      summary: 'Makes a join token; the answer is the only place where it stands',
      body: tokenRequest,
      answer: tokenAnswer,
      handle: ({ body }) => {
        if (joinAddress('') === undefined)
          throw new HttpError(
            503,
            'The hub has no port, so no host can join: set server.listen, or see "healthd status" for what has the port',
          );
        const { id, token, expiresAt } = hub().createToken(body);
        return { id, join: joinAddress(token) ?? '', expiresAt };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/fleet/tokens/:id/end',
      needs: 'admin',
      reach: 'all',
      act: 'join_token_ended',
      summary: 'Ends a join token; hosts that have joined with it stay',
      answer: z.object({}),
      handle: ({ id }) => {
        if (!hub().endToken(id)) throw new HttpError(404, `There is no join token ${id}`);
        return {};
      },
    }),
  ];
}

/** One that is not seen is answered as one that does not exist. @throws HttpError 404 */
function checkSeen(hub: HubControl, name: string, sight: Sight): void {
  if (sight.isWhole) return;
  const host = hub.host(name);
  found(host !== undefined && sight.host(host.id) ? host : undefined, name);
}

/** @throws HttpError 404 */
function found<Result>(result: Result | undefined, name: string): Result {
  if (result === undefined)
    throw new HttpError(404, `The hub has no host "${name}", or several of that name; see "healthd hub hosts"`);
  return result;
}
