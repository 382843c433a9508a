/** The host: what it is, what runs on it, what is wrong with it. */
import { eventsAnswer, findingsAnswer, hostsAnswer, inventoryAnswer, processesAnswer } from '../../api/host.ts';
import type { Clock } from '../../core/clock.ts';
import { z } from '../../plugin/index.ts';

import type { Sight } from '../access/sight.ts';
import { available } from '../http-error.ts';
import { rangeQuery, rangeOf, timeParameter } from '../range.ts';
import { defineRoute, type Route } from '../route.ts';
import { seenEvents, seenFindings } from '../seen.ts';
import { shownEvent, shownFindings, shownProcesses } from '../shown.ts';
import type { Sources } from '../sources.ts';

const DAY_MS = 86_400_000;
/** Before the choice of what a caller sees. */
const MOST_EVENTS = 2000;

/** Frames are taken every 10 s; an older one says nothing of the moment that is asked for. */
const OLDEST_FRAME_MS = 60_000;

export function hostRoutes(sources: Sources, clock: Clock): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/hosts',
      needs: 'read',
      reach: 'seen',
      summary: 'The hosts that the agent knows: its own',
      answer: hostsAnswer,
      handle: ({ sight }) => hostsOf(sources, clock, sight),
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/findings',
      needs: 'read',
      reach: 'seen',
      summary: 'What is wrong: firing alerts and what the agent found, what is not handled first',
      answer: findingsAnswer,
      handle: async ({ caller, sight }) => {
        const findings = await available(sources.freshFindings(), 'The list of findings');
        return seenFindings(shownFindings(findings, caller), sight, sources.alerts());
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/inventory',
      needs: 'read',
      reach: 'own',
      summary: 'System, processor, memory modules, disks',
      answer: inventoryAnswer,
      handle: () => available(sources.inventory(), 'The inventory'),
    }),
    ...pastRoutes(sources, clock),
  ];
}

/** What ran and what happened. */
function pastRoutes(sources: Sources, clock: Clock): readonly Route[] {
  const history = () => available(sources.history(), 'The history');
  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/processes',
      needs: 'read',
      reach: 'own',
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
      needs: 'read',
      reach: 'seen',
      summary: 'What happened, the newest first: markers on charts',
      query: z.strictObject({ ...rangeQuery, limit: z.coerce.number().int().min(1).max(1000).default(200) }),
      answer: eventsAnswer,
      handle: async ({ query: { limit, ...asked }, caller, sight }) => {
        const { from, to } = rangeOf(asked, clock.now(), DAY_MS);
        const events = await history().events(from, to, sight.isWhole ? limit + 1 : MOST_EVENTS);
        const shown = seenEvents(events, sight, sources.alerts()).map((event) => shownEvent(event, caller));
        return { events: shown.slice(0, limit), isComplete: shown.length <= limit };
      },
    }),
  ];
}

function hostsOf(sources: Sources, clock: Clock, sight: Sight) {
  const own = available(sources.host(), 'What is known of the host');
  const hosts = sight.own ? [own] : [];
  return { hosts, now: clock.now(), isHub: sources.hub() !== undefined };
}
