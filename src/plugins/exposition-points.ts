import type { Exposition, Sample } from './exposition.ts';

/** Samples with equal labels and time. */
export interface Point {
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, number>>;
  readonly time: bigint | undefined;
}

/**
 * The format of Telegraf's metric_version 2: metric names become fields, labels become tags. Samples with equal labels and
 * time share a point. Non-finite values are dropped, because line protocol cannot represent them. To be done in turns.
 */
export function* pointsOf(exposition: Exposition, ignoreTime: boolean): Generator<undefined, readonly Point[]> {
  const points = new Map<string, { labels: Sample['labels']; time: bigint | undefined; fields: Map<string, number> }>();
  const samples = [...exposition.samples, ...missingBuckets(exposition)];
  for (const [index, { name, labels, value, time: sampleTime }] of samples.entries()) {
    if (index % SAMPLES_IN_STEP === SAMPLES_IN_STEP - 1) yield;
    if (!Number.isFinite(value)) continue;
    const time = ignoreTime ? undefined : sampleTime;
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

/** A few milliseconds of work. */
const SAMPLES_IN_STEP = 1000;

/** Adds the `+Inf` bucket to histograms that omit it; its value is the count. */
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

/** A key that is equal for equal labels in any order. The lengths make it unambiguous for any value. */
function keyOf(labels: Sample['labels']): string {
  let key = '';
  for (const name of [...labels.keys()].sort()) {
    const value = labels.get(name) ?? '';
    key += `${name}=${value.length}:${value}`;
  }
  return key;
}
