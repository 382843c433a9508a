/** The fleet of a hub: its hosts, what happened to them, and who may join. */
import { fleetAnswer, fleetEventsAnswer, hostActed, tokenAnswer, tokenRequest, tokensAnswer } from '../../api/fleet.ts';
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
  forget: { entry: 'host_forgotten', summary: 'Forgets a host; it may join again' },
};

/** Of which those are chosen that a caller sees. */
const MOST_EVENTS = 5000;

export function fleetRoutes(
  sources: Pick<Sources, 'hub'>,
  joinAddress: (token: string) => string | undefined,
): readonly Route[] {
  const hub = () => available(sources.hub(), 'The hub');
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
    ...(['approve', 'revoke', 'forget'] as const).map((what) =>
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
          return found(hub().act(what, id), id);
        },
      }),
    ),
    ...tokenRoutes(hub, joinAddress),
  ];
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
          throw new HttpError(503, 'The hub has no port, so no host can join; see "healthd status"');
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
  const host = hub.host(name);
  found(host !== undefined && sight.host(host.id) ? host : undefined, name);
}

/** @throws HttpError 404 */
function found<Result>(result: Result | undefined, name: string): Result {
  if (result === undefined)
    throw new HttpError(404, `The hub has no host "${name}", or several of that name; see "healthd hub hosts"`);
  return result;
}
