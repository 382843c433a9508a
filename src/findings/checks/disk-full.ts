/** A file system that will be full, and when, from the pace of the last hours. */
import type { Finding } from '../../api/host.ts';
import type { FieldOf, HistoryAccess, KnownSet } from '../../history/access.ts';
import { formatValue, humanDuration } from '../../plugin/message-text.ts';
import { evidence, named, type Check } from '../check.ts';
import { countFalls, steadyGrowth, type Point } from '../slope.ts';

const HOUR = 3_600_000;
const PACE = { span: 6 * HOUR, step: 5 * 60_000 };
/** Where a level that comes and goes shows. */
const CYCLE = { span: 72 * HOUR, step: HOUR };
/** Percent. Below it growth has time. */
const LEAST_LEVEL = 70;
const HORIZON = 72 * HOUR;
const CRITICAL = 4 * HOUR;
/** A set that was seen before that is gone. */
const RECENT_MS = 10 * 60_000;
/** Maximum disks to look at. */
const MOST_SETS = 100;
const FIELD = 'used_percent';

export function diskFullCheck(history: () => HistoryAccess | undefined): Check {
  return {
    name: 'disks that will be full',
    async run(now) {
      const source = history();
      if (source === undefined) return undefined;
      const sets = (await source.sets()).filter((known) => isCandidate(known, now)).slice(0, MOST_SETS);
      const fields = sets.map(({ set }): FieldOf => ({ set, field: FIELD }));
      if (fields.length === 0) return undefined;
      const pace = await points(source, fields, now, PACE);
      const full = fields.map((_, index) => isFull(pace[index]));
      const cycles = full.some(Boolean) ? await points(source, fields, now, CYCLE) : [];
      return sets.flatMap(({ set }, index) => {
        const path = set.tags['path'];
        if (path === undefined || full[index] !== true) return [];
        return diskWillBeFull(path, pace[index] ?? [], cycles[index] ?? []) ?? [];
      });
    },
  };
}

/**
 * @param pace percent used over the last hours
 * @param days the same over the last days, where a regular clean-up shows
 */
export function diskWillBeFull(path: string, pace: readonly Point[], days: readonly Point[]): Finding | undefined {
  const growth = steadyGrowth(pace);
  if (growth === undefined || growth.level < LEAST_LEVEL || growth.level >= 100) return undefined;
  const left = (100 - growth.level) / growth.slope;
  if (left > HORIZON || countFalls(days, (growth.slope * growth.span) / 2) >= 2) return undefined;
  const perHour = growth.slope * HOUR;
  return {
    id: `disk-full:${path}`,
    level: left < CRITICAL ? 'critical' : 'warning',
    sentence: [named(path), ` will be full in about ${about(left)}, at the pace of the last ${about(growth.span)}.`],
    evidence: evidence(
      `${formatValue(growth.level, 'percent')} used`,
      `${formatValue(perHour, 'percent')} more each hour`,
    ),
    since: null,
    sort: 'written',
  };
}

function isCandidate({ set, fields, lastAt }: KnownSet, now: number): boolean {
  return set.name === 'disk' && now - lastAt < RECENT_MS && fields.some(({ name }) => name === FIELD);
}

function isFull(points: readonly Point[] = []): boolean {
  return (points.at(-1)?.value ?? 0) >= LEAST_LEVEL;
}

async function points(
  history: HistoryAccess,
  fields: readonly FieldOf[],
  now: number,
  { span, step }: typeof PACE,
): Promise<readonly (readonly Point[])[]> {
  const answer = await history.query(fields, ['mean'], { from: now - span, to: now, step });
  return answer.values.map(([means]) => {
    const all = [...(means ?? [])].map((value, index) => ({ at: answer.from + index * answer.step, value }));
    return all.filter(({ value }) => Number.isFinite(value));
  });
}

/** Not more exact than a forecast is. */
function about(ms: number): string {
  if (ms < HOUR) return humanDuration(Math.max(1, Math.round(ms / 300_000)) * 300_000);
  return ms < 48 * HOUR ? `${Math.round(ms / HOUR)} h` : `${Math.round(ms / (24 * HOUR))} d`;
}
