/** The host: what it is, what runs on it, what is wrong with it. */
import {
  eventsAnswer,
  findingsAnswer,
  hostsAnswer,
  inventoryAnswer,
  processesAnswer,
  type FindingsAnswer,
  type ProcessesAnswer,
} from '../../api/host.ts';
import type { Clock } from '../../core/clock.ts';
import type { ProcessFrame } from '../../host/processes/frame.ts';
import { z } from '../../plugin/index.ts';

import { available } from '../http-error.ts';
import { rangeQuery, rangeOf, timeParameter } from '../range.ts';
import { defineRoute, type Caller, type Route } from '../route.ts';
import type { Frozen, Sources } from '../sources.ts';

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
      handle: () => ({ hosts: [available(sources.host(), 'What is known of the host')], now: clock.now() }),
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
        const oldest = until - OLDEST_FRAME_MS;
        const isFresh = frame !== undefined && frame.at >= oldest;
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
      handle: async ({ query: { limit, ...asked } }) => {
        const { from, to } = rangeOf(asked, clock.now(), DAY_MS);
        const events = await history().events(from, to, limit + 1);
        return { events: events.slice(0, limit), isComplete: events.length <= limit };
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

/** Evidence names processes and has lines of logs, so only callers with a session see it. */
export function shownFindings(answer: Frozen<FindingsAnswer>, { mayAct }: Caller): Frozen<FindingsAnswer> {
  return mayAct ? answer : { ...answer, findings: answer.findings.map((each) => ({ ...each, evidence: '' })) };
}

/** @param user whose processes everybody may see: the one the agent runs as */
export function shownProcesses(frame: ProcessFrame | undefined, { mayAct }: Caller, user: string): ProcessesAnswer {
  if (frame === undefined) return { at: null, total: 0, processes: [], isRestricted: !mayAct };
  const visible = mayAct ? frame.processes : frame.processes.filter((each) => user !== '' && each.user === user);
  const processes = visible.map(({ pid, name, unit, cpu, memory, ...each }) => {
    const [read, written] = [each.read ?? null, each.written ?? null];
    return { pid, name, user: each.user, unit, cpu, memory, read, written };
  });
  return { at: frame.at, total: frame.total, processes, isRestricted: !mayAct };
}
