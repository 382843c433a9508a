/** Finds series by words. */
import type { SeriesAnswer, SeriesSetInfo } from '../api/series.ts';
import { inTurns } from '../core/turns.ts';
import type { KnownField, KnownSet } from '../history/access.ts';
import type { MetricCatalog } from '../metric/catalog.ts';

import { kindOf, specOf } from './catalog.ts';

export interface Search {
  /** Id of the host whose sets are wanted; empty for the agent's own. */
  readonly host: string;
  /** Value of its tag `host`, which its sets in the history do not have; undefined for the agent's own. */
  readonly hostName: string | undefined;
  /** Separated by blanks; all must be found. */
  readonly words: string;
  readonly limit: number;
  readonly catalog: MetricCatalog;
}

/** More words narrow nothing down. */
const MAX_WORDS = 16;

/** Sets between two turns of the event loop: below a millisecond. */
const AT_A_TIME = 200;

/** A set matches with all its fields, or with those fields that the words name. */
export function searchSets(sets: readonly KnownSet[], search: Search, signal: AbortSignal): Promise<SeriesAnswer> {
  return inTurns(found(sets, search), signal);
}

function* found(sets: readonly KnownSet[], search: Search): Generator<undefined, SeriesAnswer> {
  const { words, limit, host, hostName, catalog } = search;
  const named = hostName === undefined ? {} : { host: hostName };
  const needles = [...new Set(words.toLowerCase().split(/\s+/))].filter(Boolean).slice(0, MAX_WORDS);
  const matches: SeriesSetInfo[] = [];
  for (const [index, known] of sets.entries()) {
    if (index % AT_A_TIME === AT_A_TIME - 1) yield undefined;
    if (known.set.host !== host) continue;
    const info = matching({ ...known, set: { ...known.set, tags: { ...known.set.tags, ...named } } }, needles, catalog);
    if (info === undefined) continue;
    if (matches.length === limit) return { sets: matches, isComplete: false };
    matches.push(info);
  }
  return { sets: matches, isComplete: true };
}

function matching(known: KnownSet, needles: readonly string[], catalog: MetricCatalog): SeriesSetInfo | undefined {
  const { set, fields, lastAt } = known;
  const own = [set.name, ...Object.entries(set.tags).map(([key, value]) => `${key}=${value}`)].join(' ').toLowerCase();
  const open = needles.filter((needle) => !own.includes(needle));
  const infos = fields.map((field) => fieldInfoOf(set.name, field, catalog));
  const matches = infos.filter(({ name, help }) => {
    const text = `${name} ${help}`.toLowerCase();
    return open.every((needle) => text.includes(needle));
  });
  if (matches.length === 0) return undefined;
  return { measurement: set.name, tags: { ...set.tags }, fields: matches, lastAt };
}

function fieldInfoOf(measurement: string, { name, type }: KnownField, catalog: MetricCatalog) {
  const spec = specOf(catalog, measurement, name);
  const [unit, help] = [spec?.unit ?? '', spec?.help ?? ''];
  return { name, type, unit, kind: kindOf(catalog, measurement, name), help };
}
