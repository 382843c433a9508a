/** A metric of all hosts of a hub at once: a query for each of them would be hundreds. */
import { fleetLinesAnswer, LINE_METRIC_NAMES, type FleetLinesAnswer } from '../../api/fleet-lines.ts';
import type { Clock } from '../../core/clock.ts';
import type { FieldOf, KnownSet, RangeAnswer } from '../../history/access.ts';
import { z } from '../../plugin/index.ts';

import type { Sight } from '../access/sight.ts';
import { available, HttpError } from '../http-error.ts';
import { bucketsOf, rangeOf, rangeQuery } from '../range.ts';
import { defineRoute, type Route } from '../route.ts';
import type { Sources } from '../sources.ts';

const HOUR_MS = 3_600_000;
/** A fleet of 5000 gets fewer points for each. Values in an answer: about 1 MB of JSON. */
const MOST_VALUES = 150_000;
const LEAST_WIDTH = 24;
const MOST_WAITING = 8;
/** Of one query, so that the thread of the history answers others between. */
const AT_ONCE = 250;

interface Metric {
  readonly measurement: string;
  readonly field: string;
  readonly isIdle?: boolean;
}

const METRICS: Readonly<Record<(typeof LINE_METRIC_NAMES)[number], Metric>> = {
  cpu: { measurement: 'cpu', field: 'usage_idle', isIdle: true },
  memory: { measurement: 'mem', field: 'used_percent' },
  load: { measurement: 'system', field: 'load1' },
};

export function fleetLinesRoute(sources: Pick<Sources, 'hub' | 'history'>, clock: Clock): Route {
  let running: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return defineRoute({
    method: 'GET',
    path: '/api/v1/fleet/lines',
    needs: 'read',
    reach: 'seen',
    summary: 'CPU, memory or load of all hosts of a hub over a time',
    query: z.strictObject({
      metric: z.enum(LINE_METRIC_NAMES).default('cpu'),
      ...rangeQuery,
      width: z.coerce.number().int().min(1).max(600).default(240).describe('Number of buckets wanted for each host'),
    }),
    answer: fleetLinesAnswer,
    handle: ({ query: { metric, width, ...asked }, sight }) => {
      const range = rangeOf(asked, clock.now(), HOUR_MS);
      if (waiting >= MOST_WAITING)
        throw new HttpError(503, 'Too many ask for all hosts at a time', { 'retry-after': '5' });
      waiting += 1;
      // One after another: each reads a block of every host.
      const next = running.then(() => linesOf(sources, METRICS[metric], { ...range, width, sight }));
      running = next.then(
        () => (waiting -= 1),
        () => (waiting -= 1),
      );
      return next;
    },
  });
}

interface Asked {
  readonly from: number;
  readonly to: number;
  readonly width: number;
  /** Hosts that are not seen have no line. */
  readonly sight: Sight;
}

async function linesOf(
  sources: Pick<Sources, 'hub' | 'history'>,
  metric: Metric,
  { width, sight, ...range }: Asked,
): Promise<FleetLinesAnswer> {
  const history = available(sources.history(), 'The history');
  const { hosts } = available(sources.hub(), 'The hub').fleet();
  const members = new Map(hosts.filter(({ id }) => sight.host(id)).map(({ id, name }) => [id, name]));
  const sets = (await history.sets()).filter((known) => isWanted(known, metric, members, range.from));
  const fields = sets.map(({ set }): FieldOf => ({ set, field: metric.field }));
  const most = Math.max(LEAST_WIDTH, Math.floor(MOST_VALUES / Math.max(1, fields.length)));
  const buckets = bucketsOf(range, Math.min(width, most));
  const byHost = new Map<string, (number | null)[]>();
  for (let start = 0; start < fields.length; start += AT_ONCE) {
    const part = fields.slice(start, start + AT_ONCE);
    merge(byHost, part, await history.query(part, ['mean'], buckets), metric.isIdle === true);
  }
  const lines = [...byHost].map(([id, values]) => ({ id, name: members.get(id) ?? '', values }));
  return { from: buckets.from, step: buckets.step, lines };
}

/** Of all processors. What ended before the range has no value in it. */
function isWanted(
  { set: { host, name, tags }, lastAt }: KnownSet,
  { measurement }: Metric,
  members: ReadonlyMap<string, string>,
  from: number,
): boolean {
  const isWhole = measurement !== 'cpu' || tags['cpu'] === 'cpu-total';
  return name === measurement && isWhole && lastAt >= from && members.has(host);
}

/** A host has a second set when its tags have changed. */
function merge(
  byHost: Map<string, (number | null)[]>,
  fields: readonly FieldOf[],
  { values }: RangeAnswer,
  isIdle: boolean,
): void {
  fields.forEach(({ set: { host } }, index) => {
    const mean = values[index]?.[0];
    if (mean === undefined || mean.every((value) => Number.isNaN(value))) return;
    const known = byHost.get(host);
    const line = Array.from(mean, (value, at) => {
      const shown = isIdle ? 100 - value : value;
      return Number.isFinite(shown) ? Number(shown.toPrecision(4)) : (known?.[at] ?? null);
    });
    byHost.set(host, line);
  });
}
