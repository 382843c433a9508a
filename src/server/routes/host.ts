/** The host: what it is, what runs on it, what is wrong with it. */
import { eventsAnswer, findingsAnswer, hostsAnswer, inventoryAnswer, processesAnswer } from '../../api/host.ts';
import type { Clock } from '../../core/clock.ts';
import { z } from '../../plugin/index.ts';

import { available } from '../http-error.ts';
import { rangeQuery, rangeOf, timeParameter } from '../range.ts';
import { defineRoute, type Route } from '../route.ts';
import { shownEvent, shownFindings, shownProcesses } from '../shown.ts';
import type { Sources } from '../sources.ts';

const DAY_MS = 86_400_000;

/** Frames are taken every 10 s; an older one says nothing of the moment that is asked for. */
const OLDEST_FRAME_MS = 60_000;

export function hostRoutes(sources: Sources, clock: Clock): readonly Route[] {
  const history = () => available(sources.history(), 'The history');
  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/hosts',
      scope: 'read',
      summary: 'The hosts that the agent knows: its own',
      answer: hostsAnswer,
      handle: () => hostsOf(sources, clock),
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/findings',
      scope: 'read',
      summary: 'What is wrong: firing alerts and what the agent found, what is not handled first',
      answer: findingsAnswer,
      handle: async ({ caller }) =>
        shownFindings(await available(sources.freshFindings(), 'The list of findings'), caller),
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/processes',
      scope: 'read',
      summary: 'The processes that used most at a time, or now',
      query: z.strictObject({
        at: timeParameter.describe('At or before this time, at most 60 s; default: now').optional(),
      }),
      answer: processesAnswer,
      handle: async ({ query: { at }, caller }) => {
        const until = at ?? clock.now();
        const frame = await history().processesAt(until);
        const isFresh = frame !== undefined && frame.at >= until - OLDEST_FRAME_MS;
        return shownProcesses(isFresh ? frame : undefined, caller, sources.user());
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/events',
      scope: 'read',
      summary: 'What happened, the newest first: markers on charts',
      query: z.strictObject({ ...rangeQuery, limit: z.coerce.number().int().min(1).max(1000).default(200) }),
      answer: eventsAnswer,
      handle: async ({ query: { limit, ...asked }, caller }) => {
        const { from, to } = rangeOf(asked, clock.now(), DAY_MS);
        const events = await history().events(from, to, limit + 1);
        const shown = events.map((event) => shownEvent(event, caller));
        return { events: shown.slice(0, limit), isComplete: shown.length <= limit };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/inventory',
      scope: 'read',
      summary: 'System, processor, memory modules, disks',
      answer: inventoryAnswer,
      handle: () => available(sources.inventory(), 'The inventory'),
    }),
  ];
}

function hostsOf(sources: Sources, clock: Clock) {
  const hosts = [available(sources.host(), 'What is known of the host')];
  return { hosts, now: clock.now(), isHub: sources.hub() !== undefined };
}
