import type { Exposition, Sample } from './exposition.ts';

/** Samples of one time that have the same labels. */
export interface Point {
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, number>>;
  readonly time: bigint | undefined;
}

/**
 * The form of Telegraf's metric_version 2: names of metrics are fields, labels are tags. Samples with the same labels
 * share a point. What is not finite is left out, as line protocol has no such numbers.
 */
export function pointsOf(exposition: Exposition, ignoreTime: boolean): readonly Point[] {
  const points = new Map<string, { labels: Sample['labels']; time: bigint | undefined; fields: Map<string, number> }>();
  for (const { name, labels, value, time: told } of [...exposition.samples, ...missingBuckets(exposition)]) {
    if (!Number.isFinite(value)) continue;
    const time = ignoreTime ? undefined : told;
    const key = `${time ?? ''} ${keyOf(labels)}`;
    const point = points.get(key) ?? { labels, time, fields: new Map<string, number>() };
    points.set(key, point);
    point.fields.set(name, value);
  }
  return [...points.values()].map(({ labels, time, fields }) => ({
    tags: Object.fromEntries(labels),
    fields: Object.fromEntries(fields),
    time,
  }));
}

/** Buckets without a bound, where a histogram has others and leaves that one out: it holds what was counted. */
function missingBuckets({ samples, types }: Exposition): readonly Sample[] {
  const bounded = new Set<string>();
  const unbounded = new Set<string>();
  for (const { name, labels } of samples) {
    const bound = labels.get('le');
    if (bound === undefined || types.get(name.replace(/_bucket$/, '')) !== 'histogram') continue;
    (bound === '+Inf' ? unbounded : bounded).add(`${name} ${keyOf(without(labels, 'le'))}`);
  }
  return samples.flatMap((sample) => {
    if (bounded.size === 0 || !sample.name.endsWith('_count')) return [];
    const name = sample.name.replace(/_count$/, '_bucket');
    const key = `${name} ${keyOf(sample.labels)}`;
    if (!bounded.has(key) || unbounded.has(key)) return [];
    return [{ ...sample, name, labels: new Map([...sample.labels, ['le', '+Inf']]) }];
  });
}

function without(labels: Sample['labels'], name: string): Sample['labels'] {
  return new Map([...labels].filter(([each]) => each !== name));
}

/** The same for equal labels in any order. Lengths make it unambiguous, whatever the values hold. */
function keyOf(labels: Sample['labels']): string {
  let key = '';
  for (const name of [...labels.keys()].sort()) {
    const value = labels.get(name) ?? '';
    key += `${name}=${value.length}:${value}`;
  }
  return key;
}
