/** The fleet of a hub: its hosts, what happened to them, and who may join. */
import { fleetInventoryAnswer, hostInventoryAnswer } from '../../api/fleet-inventory.ts';
import { fleetAnswer, fleetEventsAnswer, hostActed, tokenAnswer, tokenRequest, tokensAnswer } from '../../api/fleet.ts';
import type { HostAct } from '../../hub/control.ts';
import { z } from '../../plugin/index.ts';

import { available, HttpError } from '../http-error.ts';
import { defineRoute, type Route } from '../route.ts';
import type { Sources } from '../sources.ts';

const ACTS: Readonly<Record<HostAct, string>> = {
  approve: 'Takes a host that waits for approval',
  revoke: 'Refuses a host from now on',
  forget: 'Forgets a host; it may join again',
};

export function fleetRoutes(
  sources: Pick<Sources, 'hub'>,
  joinAddress: (token: string) => string | undefined,
): readonly Route[] {
  const hub = () => available(sources.hub(), 'The hub');
  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/fleet',
      scope: 'read',
      summary: 'The hosts of a hub, whether they are there, and the account of their lines',
      answer: fleetAnswer,
      handle: () => hub().fleet(),
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/fleet/events',
      scope: 'read',
      summary: 'What happened to the hosts, the newest first',
      query: z.strictObject({
        host: z.string().max(255).optional(),
        limit: z.coerce.number().int().min(1).max(1000).default(100),
      }),
      answer: fleetEventsAnswer,
      handle: ({ query }) => found(hub().events(query.host, query.limit), query.host ?? ''),
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/fleet/inventory',
      scope: 'read',
      summary: 'System, kernel, processors, memory and version of each host, to compare them by',
      answer: fleetInventoryAnswer,
      handle: () => hub().inventories(),
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/fleet/hosts/:id/inventory',
      scope: 'read',
      summary: 'What a host is made of, and what changed in it, the newest first',
      answer: hostInventoryAnswer,
      handle: ({ id }) => found(hub().inventory(id), id),
    }),
    ...(['approve', 'revoke', 'forget'] as const).map((what) =>
      defineRoute({
        method: 'POST',
        path: `/api/v1/fleet/hosts/:id/${what}`,
        scope: 'act',
        summary: ACTS[what],
        answer: hostActed,
        handle: ({ id }) => found(hub().act(what, id), id),
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
      scope: 'private',
      summary: 'Join tokens, without the tokens themselves',
      answer: tokensAnswer,
      handle: () => hub().tokens(),
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/fleet/tokens',
      scope: 'act',
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
      scope: 'act',
      summary: 'Ends a join token; hosts that have joined with it stay',
      answer: z.object({}),
      handle: ({ id }) => {
        if (!hub().endToken(id)) throw new HttpError(404, `There is no join token ${id}`);
        return {};
      },
    }),
  ];
}

/** @throws HttpError 404 */
function found<Result>(result: Result | undefined, name: string): Result {
  if (result === undefined)
    throw new HttpError(404, `The hub has no host "${name}", or several of that name; see "healthd hub hosts"`);
  return result;
}
