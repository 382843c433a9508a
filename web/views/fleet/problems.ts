/** What is wrong across the fleet: one sentence for what many hosts share. */
import type { FleetAnswer, FindingsAnswer, Sentence } from '../../api/answers.ts';
import { count } from '../../format/value.ts';
import { isHandled } from '../../store/problems.ts';
import type { Changes } from '../../url/location.ts';

import { quoted } from './filter.ts';
import { hostPath } from './path.ts';
import { KINDS, lookOf, lookOfLevel, type HostRow, type Look, type Trouble, type TroubleKind } from './trouble.ts';

export interface FleetProblem {
  readonly id: string;
  readonly look: Look;
  readonly sentence: Sentence;
  readonly evidence: string;
  /** ms since the Unix epoch; null if it is not known. */
  readonly since: number | null;
  readonly to: string;
  readonly keys: Changes;
}

/** Alerts about what this view knows by itself. */
const OWN_RULES: readonly string[] = ['host_down', 'site_lost', 'clock_offset', 'lines_lost'];
/** What is worse comes first. */
const TONES: readonly Look['tone'][] = ['crit', 'unk', 'warn', 'mut'];
/** So many hosts with the same are one sentence. */
const MANY = 4;
const SILENT: readonly TroubleKind[] = ['down', 'unreachable', 'late'];

/** Name of the hosts in a filter, and what they share. */
const SHARED: Readonly<Record<TroubleKind, readonly [filter: string, says: string]>> = {
  down: ['state=down', 'are down'],
  unreachable: ['state=unreachable', 'cannot be reached'],
  late: ['state=late', 'are late'],
  lost: ['lost>0', 'have lost lines'],
  clock: ['clock>2', 'have a clock that is more than 2\u00a0s off'],
  pending: ['state=pending', 'wait for approval'],
};

/** Of the hosts, then the alerts that fire at the hub. @param rows all hosts */
export function allProblems(
  rows: readonly HostRow[],
  answer: FleetAnswer,
  found: FindingsAnswer | undefined,
): readonly FleetProblem[] {
  return [...fleetProblems(rows, answer), ...alertProblems(found)].sort(
    (a, b) => TONES.indexOf(a.look.tone) - TONES.indexOf(b.look.tone),
  );
}

function alertProblems(found: FindingsAnswer | undefined): readonly FleetProblem[] {
  return (found?.findings ?? []).flatMap((finding): readonly FleetProblem[] => {
    const { id, level, sentence, evidence, since, alert } = finding;
    if (alert === undefined || level === 'note' || OWN_RULES.includes(alert.rule) || isHandled(finding)) return [];
    const to = `/alerts/${encodeURIComponent(alert.fingerprint)}`;
    return [
      { id, look: lookOfLevel(level), sentence, evidence: evidence || 'an alert of the hub', since, to, keys: {} },
    ];
  });
}

/** @param rows all hosts */
export function fleetProblems(rows: readonly HostRow[], { sites, siteTag }: FleetAnswer): readonly FleetProblem[] {
  const lostSites = sites.filter(({ isLost }) => isLost);
  const isOfLostSite = (row: HostRow) => lostSites.some(({ site }) => site === (row.tags[siteTag] ?? ''));
  const lost = lostSites.map(({ site, silent, hosts }) => {
    const silentRows = rows.filter((row) => (row.tags[siteTag] ?? '') === site && isSilent(row));
    return siteProblem(site, siteTag, [silent, hosts], silentRows);
  });
  const folded = KINDS.flatMap((kind) => {
    const all = rows.flatMap((row) =>
      row.troubles
        .filter((trouble) => trouble.kind === kind && !(SILENT.includes(kind) && isOfLostSite(row)))
        .map((trouble) => ({ row, trouble })),
    );
    return all.length < MANY
      ? all.map(({ row, trouble }) => hostProblem(row, trouble, rows))
      : [sharedProblem(kind, all)];
  });
  return [...lost, ...folded];
}

function isSilent({ troubles }: HostRow): boolean {
  return troubles.some(({ kind }) => SILENT.includes(kind));
}

function siteProblem(
  site: string,
  siteTag: string,
  [silent, all]: readonly [number, number],
  rows: readonly HostRow[],
): FleetProblem {
  const names = `${silent.toLocaleString('en')} of ${count(all, 'host')}`;
  const filter = [...(site === '' ? [] : [`${siteTag}=${quoted(site)}`]), 'state!=up'].join(' ');
  return {
    id: `site ${site}`,
    look: lookOf('down'),
    sentence: ['Lost sight of ', { name: names }, site === '' ? '' : ` in ${site}`],
    evidence: `${namesOf(rows)} · so many at once: the way to them is the likely cause`,
    since: earliest(rows.map(({ heardAt }) => heardAt)),
    to: '/fleet',
    keys: { q: filter },
  };
}

function hostProblem(row: HostRow, { kind, says, evidence, since }: Trouble, all: readonly HostRow[]): FleetProblem {
  const sentence = [{ name: row.name }, ` ${says}`];
  return { id: `${kind} ${row.id}`, look: lookOf(kind), sentence, evidence, since, to: hostPath(row, all), keys: {} };
}

function sharedProblem(
  kind: TroubleKind,
  all: readonly { readonly row: HostRow; readonly trouble: Trouble }[],
): FleetProblem {
  const [filter, says] = SHARED[kind];
  return {
    id: kind,
    look: lookOf(kind),
    sentence: [{ name: count(all.length, 'host') }, ` ${says}`],
    evidence: namesOf(all.map(({ row }) => row)),
    since: earliest(all.map(({ trouble }) => trouble.since)),
    to: '/fleet',
    keys: { q: filter },
  };
}

function namesOf(rows: readonly HostRow[]): string {
  const rest = rows.length - 3;
  const names = rows.slice(0, 3).map(({ name }) => name);
  return `${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function earliest(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.min(...known);
}
