/** Metrics in the data model of Prometheus: name, labels, value and metadata. Used by both Prometheus outputs. */
import type { Logger } from '../plugin/index.ts';
import type { FieldSpec, FieldValue, MetricKind, MetricSpec, Tags } from '../plugin/index.ts';

export type Label = readonly [name: string, value: string];

/** `untyped` if no catalog declares the field as counter or gauge. */
export type SampleType = MetricKind | 'untyped';

export interface Description {
  readonly type: SampleType;
  /** May be empty. */
  readonly help: string;
  readonly unit: string | undefined;
}

/** Measurement of scraped metrics, whose fields are the names of the metrics. As in Telegraf. */
const SCRAPED = 'prometheus';

/** Fields that add nothing to the name of the measurement; Telegraf uses them for scraped metrics. */
const NAMELESS = new Set(['value', 'counter', 'gauge']);

/** A name of the classic data model of Prometheus, before UTF-8 names: `[a-zA-Z_:][a-zA-Z0-9_:]*`. */
export function metricName(measurement: string, field: string): string {
  const name = measurement === SCRAPED ? field : NAMELESS.has(field) ? measurement : `${measurement}_${field}`;
  return name.replace(/^(?=\d)|[^\w:]/gu, '_');
}

/** `[a-zA-Z_][a-zA-Z0-9_]*`. Two leading underscores are reserved for Prometheus itself. */
function labelName(key: string): string {
  return key
    .replace(/[^\w]/gu, '_')
    .replace(/^__+/, '_')
    .replace(/^(?=\d)/, '_');
}

/**
 * Tags as labels, sorted by name. If two keys map to the same name, a key that needed no change keeps the name, and the
 * others get `_2`, `_3`, … in the order of their text.
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

/** @param counts the last suffix of each name, so that thousands of equal names do not take quadratic time */
function freeName(name: string, taken: ReadonlyMap<string, string>, counts: Map<string, number>): string {
  let free = name;
  for (let count = counts.get(name) ?? 1; taken.has(free);) {
    count += 1;
    counts.set(name, count);
    // `_` must not become `__2`, which is reserved.
    free = `${name}${name.endsWith('_') ? '' : '_'}${count}`;
  }
  return free;
}

/** A field whose name in Prometheus another field has, with the same labels. */
export interface Hidden {
  /** The name in Prometheus. */
  readonly name: string;
  /** `measurement.field` of the one that is left out, and of the other. */
  readonly source: string;
  readonly owner: string;
}

/** Maximum names that are logged. */
const MOST_HIDDEN = 100;

/** Logs each name once. */
export function hiddenLog(log: Logger): (hidden: Hidden) => void {
  const known = new Set<string>();
  return ({ name, source, owner }) => {
    if (known.has(source) || known.size >= MOST_HIDDEN) return;
    known.add(source);
    log.warn(`${source} is left out: ${owner} has the same name in Prometheus, ${name}; rename one of them`);
  };
}

/** By code unit, which for ASCII is also by byte, the order of labels that remote write requires. */
function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Undefined for strings. Prometheus has only floats, so integers beyond 2^53 are rounded. */
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
