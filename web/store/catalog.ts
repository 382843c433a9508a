/** Which series there are: what the charts of the page are made of. */
import { computed, signal } from '@preact/signals';

import type { SeriesSetInfo } from '../api/answers.ts';

import { searchSeries } from './history.ts';
import { seriesName } from './series-name.ts';

/** Undefined until it is known. */
export const sets = signal<readonly SeriesSetInfo[] | undefined>(undefined);

/** More than any host has; the API bounds it as well. */
const MOST_SETS = 5000;

/** @throws ApiError */
export async function loadSets(): Promise<void> {
  const answer = await searchSeries('', MOST_SETS);
  // Charts are made of this: nothing may change when no series came or went.
  if (keyOf(answer.sets) !== keyOf(sets.value)) sets.value = answer.sets;
}

function keyOf(list: readonly SeriesSetInfo[] | undefined): string | undefined {
  return list === undefined
    ? undefined
    : JSON.stringify(list.map(({ measurement, tags, fields }) => [measurement, tags, fields.length]));
}

const byMeasurement = computed(() => {
  const map = new Map<string, SeriesSetInfo[]>();
  for (const set of sets.value ?? []) {
    const list = map.get(set.measurement);
    if (list === undefined) map.set(set.measurement, [set]);
    else list.push(set);
  }
  return map;
});

export function setsOf(measurement: string): readonly SeriesSetInfo[] {
  return byMeasurement.value.get(measurement) ?? [];
}

/** The names of a field in all sets of a measurement that pass a test. */
export function namesIn(
  measurement: string,
  field: string,
  isWanted: (tags: Readonly<Record<string, string>>) => boolean = () => true,
): readonly string[] {
  return setsOf(measurement)
    .filter(({ tags }) => isWanted(tags))
    .map(({ tags }) => seriesName(measurement, field, tags));
}
