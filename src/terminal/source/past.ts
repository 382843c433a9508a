/** Replays a past moment from the history of a running agent. */
import { eventsAnswer, hostsAnswer, processesAnswer, type EventInfo } from '../../api/host.ts';
import { formatSeriesName } from '../../api/series-name.ts';
import { queryAnswer, seriesAnswer } from '../../api/series.ts';
import type { Clock } from '../../core/clock.ts';
import { describeError } from '../../core/errors.ts';
import { settledOrAborted } from '../../host/deadline.ts';
import type { ControlClient } from '../../server/client.ts';

import { frameOf } from './attached.ts';
import { Columns } from './columns.ts';
import type { Sample } from './point.ts';
import type { Problem, Problems } from './problem.ts';
import type { SourceListener, TopSource } from './source.ts';

export interface PastOptions {
  readonly client: ControlClient;
  /** ms since the Unix epoch. */
  readonly at: number;
  readonly clock: Clock;
}

/** What boxes show, by measurement. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  cpu: [
    'usage_idle',
    'usage_iowait',
    'usage_user',
    'usage_nice',
    'usage_system',
    'usage_irq',
    'usage_softirq',
    'usage_steal',
  ],
  mem: ['total', 'used', 'available', 'free'],
  swap: ['total', 'used'],
  system: ['load1', 'load5', 'load15', 'uptime'],
  pressure: ['avg10'],
  disk: ['total', 'free', 'used_percent', 'inodes_used_percent'],
  diskio: ['read_bytes', 'write_bytes', 'io_util', 'io_time'],
  net: ['bytes_recv', 'bytes_sent', 'err_in', 'err_out', 'drop_in', 'drop_out'],
  temp: ['temp'],
  docker_container_cpu: ['usage_percent'],
  docker_container_mem: ['usage'],
  docker_container_net: ['rx_bytes', 'tx_bytes'],
};

/** Of graphs, before the moment. */
const SPAN_MS = 600_000;
const STEP_MS = 10_000;
/** The API answers at most 100 series at once. */
const MOST_PER_QUERY = 100;
/** Of a host with a thousand containers; further ones are left out. */
const MOST_SERIES = 2000;
const DAY_MS = 86_400_000;
const MOST_EVENTS = 300;

/** @throws ConfigError if no agent runs; ControlError if it keeps no history */
export async function pastSource(options: PastOptions): Promise<TopSource> {
  const { client, clock } = options;
  const [host] = hostsAnswer.parse(await client.get('/api/v1/hosts')).hosts;
  const names = await namesOf(client, host?.name);
  let at = options.at;
  let changed: () => void = () => undefined;
  return {
    origin: 'history',
    isPast: true,
    hasFindings: true,
    step(ms) {
      at = Math.min(clock.now(), at + ms);
      changed();
    },
    async run(listener, signal) {
      const reader = new Reader(client, names, host?.name, listener);
      while (!signal.aborted) {
        const wanted = at;
        const moved = new Promise<void>((resolve) => {
          changed = resolve;
        });
        await reader.show(wanted);
        // Steps while it was read are one.
        if (at === wanted) await settledOrAborted(moved, signal);
      }
    },
  };
}

async function namesOf(client: ControlClient, ownHost: string | undefined): Promise<readonly string[]> {
  const { sets } = seriesAnswer.parse(await client.get('/api/v1/series?limit=5000'));
  return sets
    .flatMap(({ measurement, tags, fields }) =>
      fields
        .filter(({ name }) => Object.hasOwn(FIELDS, measurement) && FIELDS[measurement]?.includes(name))
        .map(({ name }) => formatSeriesName({ measurement, field: name, tags }, ownHost)),
    )
    .slice(0, MOST_SERIES);
}

class Reader {
  readonly #client: ControlClient;
  readonly #names: readonly string[];
  readonly #ownHost: string | undefined;
  readonly #listener: SourceListener;

  constructor(client: ControlClient, names: readonly string[], ownHost: string | undefined, listener: SourceListener) {
    this.#client = client;
    this.#names = names;
    this.#ownHost = ownHost;
    this.#listener = listener;
  }

  async show(at: number): Promise<void> {
    const listener = this.#listener;
    try {
      const [samples, processes, problems] = await Promise.all([
        this.#samples(at),
        this.#client.get(`/api/v1/processes?at=${at}`),
        this.#problems(at),
      ]);
      listener.onJump();
      listener.onTrouble(samples.length === 0 ? 'The history has nothing of this time.' : '');
      listener.onProblems(problems);
      listener.onSamples(samples.length === 0 ? [{ at, points: [] }] : samples);
      const frame = frameOf(processesAnswer.parse(processes));
      if (frame !== undefined) listener.onProcesses(frame);
    } catch (error) {
      listener.onTrouble(`The history cannot be read: ${describeError(error)}`);
    }
  }

  async #samples(at: number): Promise<readonly Sample[]> {
    const chunks = Array.from({ length: Math.ceil(this.#names.length / MOST_PER_QUERY) }, (_, index) =>
      this.#names.slice(index * MOST_PER_QUERY, (index + 1) * MOST_PER_QUERY),
    );
    const columns = new Columns(this.#names, this.#ownHost);
    const buckets = new Map<number, (number | null)[]>();
    for (const [index, names] of chunks.entries()) {
      const query = new URLSearchParams(names.map((name): [string, string] => ['s', name]));
      query.set('from', String(at - SPAN_MS));
      query.set('to', String(at + 1));
      query.set('width', String(SPAN_MS / STEP_MS));
      query.set('fn', 'last');
      const { from, step, series } = queryAnswer.parse(await this.#client.get(`/api/v1/query?${query.toString()}`));
      for (const [position, { values }] of series.entries()) {
        for (const [bucket, value] of (values.last ?? []).entries()) {
          if (value === null) continue;
          const time = from + bucket * step;
          const row = buckets.get(time) ?? new Array<null>(this.#names.length).fill(null);
          row[index * MOST_PER_QUERY + position] = value;
          buckets.set(time, row);
        }
      }
    }
    return [...buckets].sort(([a], [b]) => a - b).map(([time, values]) => columns.sample(time, values));
  }

  /** Alerts that fired at the moment, and what happened shortly before. */
  async #problems(at: number): Promise<Problems> {
    const answer = await this.#client.get(`/api/v1/events?from=${at - DAY_MS}&to=${at + 1}&limit=${MOST_EVENTS}`);
    const { events } = eventsAnswer.parse(answer);
    const list = events.filter((event) => isShown(event, at)).map((event) => problemOf(event, at));
    return { list, fine: undefined };
  }
}

function isShown(event: EventInfo, at: number): boolean {
  const isOver = event.until !== undefined && event.until <= at;
  if (event.kind === 'alert' && event.level !== 'info' && !isOver) return true;
  return event.at > at - SPAN_MS && event.kind !== 'alert';
}

function problemOf({ at, level, title, kind }: EventInfo, now: number): Problem {
  const isAlert = kind === 'alert';
  return {
    id: `${at} ${title}`,
    level: level === 'info' ? 'note' : level,
    text: title,
    evidence: isAlert || at <= now - SPAN_MS ? '' : 'happened shortly before',
    since: at,
  };
}
