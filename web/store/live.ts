/** What the agent says by itself: one stream, kept in signals. */
import { computed, signal } from '@preact/signals';

import type {
  EventInfo,
  FindingsAnswer,
  FirstData,
  HostInfo,
  HostsAnswer,
  ProcessesAnswer,
  SessionAnswer,
} from '../api/answers.ts';
import { get } from '../api/client.ts';
import { openStream, type Stream } from '../api/stream.ts';

import { setClock } from './clock.ts';
import { ratesOf, type Columns } from './formula.ts';
import { inNextFrame } from './frame.ts';
import { createRing } from './ring.ts';

export type Connection =
  | { readonly state: 'connecting' }
  | { readonly state: 'live' }
  | { readonly state: 'lost'; readonly since: number; readonly nextTryAt: number };

export const connection = signal<Connection>({ state: 'connecting' });
export const session = signal<SessionAnswer | undefined>(undefined);
/** What was wrong with the one-time address. */
export const tokenRefusal = signal<string | undefined>(undefined);
export const host = signal<HostInfo | undefined>(undefined);
/** On a hub's page about another host, which is `host` then: what the stream says of this machine is not about it. */
export const elsewhere = signal<FirstData['elsewhere']>(undefined);
/** As addresses name it. */
export const shownHost = computed(() => elsewhere.value?.path ?? host.value?.name);
/** Whether the agent is a hub, which knows a fleet of hosts. */
export const isHub = signal(false);
export const findings = signal<FindingsAnswer | undefined>(undefined);
export const processes = signal<ProcessesAnswer | undefined>(undefined);
/** What `alerts` of the stream sent last. */
export const alertsNews = signal<unknown>(undefined);
/** Of this visit, the newest last. */
export const liveEvents = signal<readonly EventInfo[]>([]);
/** Time of the newest sample that is drawn, ms since the Unix epoch; 0 before the first. Changes once a second. */
export const tick = signal(0);
/** The moment at which the reader stopped the page; undefined while it moves. */
export const pausedAt = signal<number | undefined>(undefined);
/** Increases when the stream is back after a loss, so that charts ask the history for what they missed. */
export const reconnects = signal(0);

export const ring = createRing();

const MOST_EVENTS = 200;

let stream: Stream | undefined;
let lostSince = 0;

export async function loadHost(): Promise<void> {
  const answer = await get<HostsAnswer>('hosts');
  setClock(answer.now);
  isHub.value = answer.isHub;
  // The page came with it, unless somebody had to sign in first.
  host.value ??= answer.hosts[0];
}

export function startStream(): void {
  stream?.close();
  stream = openStream(
    {
      onOpen: () => {
        if (connection.value.state === 'lost') reconnects.value += 1;
        lostSince = 0;
        connection.value = { state: 'live' };
      },
      onLost: (nextTryAt) => {
        if (lostSince === 0) lostSince = Date.now();
        connection.value = { state: 'lost', since: lostSince, nextTryAt };
      },
      onSeries: ({ names }) => {
        if (elsewhere.value === undefined) ring.setNames(names);
      },
      onSample: ({ at, values }) => {
        if (elsewhere.value !== undefined) return;
        ring.push(at, values);
        inNextFrame(show);
      },
      onProcesses: (answer) => {
        if (elsewhere.value === undefined) processes.value = answer;
      },
      onFindings: (answer) => {
        findings.value = answer;
      },
      onAlerts: (answer) => {
        alertsNews.value = answer;
      },
      onEvent: (event) => {
        if (elsewhere.value === undefined) liveEvents.value = [...liveEvents.value, event].slice(-MOST_EVENTS);
      },
    },
    () => ring.lastAt,
  );
}

export function retryStream(): void {
  stream?.retry();
}

function show(): void {
  tick.value = ring.lastAt;
}

let cached: { readonly tick: number; readonly columns: Columns } | undefined;

/** The ring as columns; the same object until the next sample. */
export function ringColumns(): Columns {
  if (cached?.tick === ring.lastAt) return cached.columns;
  const times = ring.times();
  const known = new Map<string, Float64Array | undefined>();
  const columns: Columns = {
    times,
    values: (name, isRate) => {
      const key = isRate ? `/${name}` : name;
      if (!known.has(key)) {
        const values = ring.values(name);
        known.set(key, values !== undefined && isRate ? ratesOf(times, values) : values);
      }
      return known.get(key);
    },
  };
  cached = { tick: ring.lastAt, columns };
  return columns;
}
