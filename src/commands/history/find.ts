/** Finds the series that selectors mean, or says what was probably meant. */
import type { FieldOf, KnownField, KnownSet } from '../../history/access.ts';
import { nearest } from '../../registry/nearest.ts';

import { isLiteral, type Selector } from './selector.ts';

export interface FoundSeries extends FieldOf {
  readonly type: KnownField['type'];
  /** Of the newest sample of its set, ms since the Unix epoch. */
  readonly lastAt: number;
}

/** Names in a message. */
const MOST_NAMED = 12;

/** @throws Error that says what is there, if a selector matches nothing */
export function findSeries(sets: readonly KnownSet[], selectors: readonly Selector[]): readonly FoundSeries[] {
  const all = sets.flatMap(({ set, fields, lastAt }) =>
    fields.map(({ name, type }): FoundSeries => ({ set, field: name, type, lastAt })),
  );
  const found = new Set<FoundSeries>();
  for (const selector of selectors) {
    const named = all.filter(({ set, field }) => selector.matchesName(set.name, field));
    const matching = named.filter(({ set }) => selector.matchesTags(set.tags));
    if (matching.length === 0) throw new Error(nothing(selector, named, all));
    for (const series of matching) found.add(series);
  }
  return all.filter((series) => found.has(series));
}

function nothing(selector: Selector, named: readonly FoundSeries[], all: readonly FoundSeries[]): string {
  const { text, name } = selector;
  if (all.length === 0) return 'The history has no series yet';
  if (named.length > 0)
    return `No series of ${name} has such tags; there are ${listed(named.map(({ set }) => tagText(set.tags)))}`;
  const measurements = [...new Set(all.map(({ set }) => set.name))];
  if (!isLiteral(selector)) return `Nothing in the history matches "${text}"; measurements: ${listed(measurements)}`;
  const measurement = measurements.filter((each) => name === each || name.startsWith(`${each}.`)).sort(byLength)[0];
  if (measurement === undefined) {
    const [asked = ''] = name.split('.');
    const near = nearest(asked, measurements);
    const hint = near === undefined ? `there are ${listed(measurements)}` : `did you mean "${near}"?`;
    return `The history has no measurement "${asked}"; ${hint}`;
  }
  const fields = [...new Set(all.filter(({ set }) => set.name === measurement).map(({ field }) => field))];
  const near = nearest(name.slice(measurement.length + 1), fields);
  const hint = near === undefined ? `its fields: ${listed(fields)}` : `did you mean "${measurement}.${near}"?`;
  return `"${measurement}" has no field "${name.slice(measurement.length + 1)}"; ${hint}`;
}

/** The longest first. */
function byLength(a: string, b: string): number {
  return b.length - a.length;
}

function tagText(tags: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(tags).map(([key, value]) => `${key}=${value}`);
  return pairs.length === 0 ? 'no tags' : pairs.join(',');
}

function listed(names: readonly string[]): string {
  const distinct = [...new Set(names)].sort();
  const rest = distinct.length - MOST_NAMED;
  return distinct.slice(0, MOST_NAMED).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
