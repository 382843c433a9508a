/** Metrics as Prometheus knows them: a name, labels, a number, and what is said about it. Both of its outputs use this. */
import type { FieldSpec, FieldValue, MetricKind, MetricSpec, Tags } from '../plugin/index.ts';

export type Label = readonly [name: string, value: string];

/** `untyped` where nobody said whether it is a counter or a gauge. */
export type SampleType = MetricKind | 'untyped';

export interface Description {
  readonly type: SampleType;
  /** May be empty. */
  readonly help: string;
  readonly unit: string | undefined;
}

/** The measurement of what was scraped: there the fields bear the names of the metrics. As in Telegraf. */
const SCRAPED = 'prometheus';

/** Fields that say nothing which the measurement does not; Telegraf gives scraped metrics such ones. */
const NAMELESS = new Set(['value', 'counter', 'gauge']);

/** The data model of Prometheus, before UTF-8 names were allowed: `[a-zA-Z_:][a-zA-Z0-9_:]*`. */
export function metricName(measurement: string, field: string): string {
  const name = measurement === SCRAPED ? field : NAMELESS.has(field) ? measurement : `${measurement}_${field}`;
  return name.replace(/^(?=\d)|[^\w:]/gu, '_');
}

/** A letter or an underscore, then also digits. Two underscores in front are kept for Prometheus itself. */
function labelName(key: string): string {
  return key
    .replace(/[^\w]/gu, '_')
    .replace(/^__+/, '_')
    .replace(/^(?=\d)/, '_');
}

/**
 * Tags as labels, sorted by name. Where two keys give one name, keys that needed no change go before others, and others
 * in the order of their text; who comes second gets `_2`.
 */
export function labelsOf(tags: Tags): readonly Label[] {
  const labels = new Map<string, string>();
  const counts = new Map<string, number>();
  const keys = Object.keys(tags).sort(byText);
  const isUnchanged = (key: string) => labelName(key) === key;
  for (const key of [...keys.filter(isUnchanged), ...keys.filter((each) => !isUnchanged(each))]) {
    const value = tags[key] ?? '';
    // An empty label is the same as none.
    if (value !== '') labels.set(freeName(labelName(key), labels, counts), value);
  }
  return [...labels].sort(([a], [b]) => byText(a, b));
}

/** @param counts the last number that each name got, so that thousands of equal names take no time by the square */
function freeName(name: string, taken: ReadonlyMap<string, string>, counts: Map<string, number>): string {
  let free = name;
  for (let count = counts.get(name) ?? 1; taken.has(free);) {
    count += 1;
    counts.set(name, count);
    // Of `_` there must not come `__2`, which is reserved.
    free = `${name}${name.endsWith('_') ? '' : '_'}${count}`;
  }
  return free;
}

/** By code unit, which for names of ASCII is also by byte, as remote write wants labels. */
function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Undefined for what is no number. Prometheus has floats only, so integers beyond 2^53 are rounded. */
export function sampleValue(value: FieldValue | undefined): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint' || typeof value === 'boolean') return Number(value);
  return undefined;
}

/** @param spec of the measurement; undefined if no input declares it */
export function describeField(spec: MetricSpec | undefined, field: string): Description {
  const named = spec?.fields[field];
  const { kind, help = '', unit } = named ?? spec?.dynamic ?? ({} as Partial<FieldSpec>);
  const type = kind ?? spec?.kind ?? (named === undefined ? typeByName(field) : 'gauge');
  return { type, help, unit };
}

function typeByName(field: string): SampleType {
  return field === 'counter' || field === 'gauge' ? field : 'untyped';
}
