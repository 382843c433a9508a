/** Turns what a plugin reports into metrics: coerced by the catalog, tagged, stamped. Types of a plugin are only a claim. */
import type { Fields, FieldValue, Metric, Tags } from '../metric/metric.ts';
import { internTags } from '../metric/series.ts';
import type { Accumulator, FieldSpec, MetricCatalog } from '../plugin/index.ts';

import { Mistakes } from './mistakes.ts';

export interface AccumulatorOptions {
  readonly metrics: MetricCatalog;
  /** Tags of the entry, then `host` and global tags. Neither overwrites a tag that the plugin set. */
  readonly entryTags: Tags;
  /** Called for each point, because a reload may change them. */
  readonly globalTags: () => Tags;
  readonly onMetric: (metric: Metric) => void;
  readonly onError: (error: unknown) => void;
  /** Default: nobody hears of them. */
  readonly mistakes?: Mistakes;
}

/** One measurement, with lookups that take any name: `constructor` is one that a server may send. */
interface Measurement {
  readonly name: string;
  readonly fields: ReadonlyMap<string, FieldSpec>;
  readonly dynamic: FieldSpec | undefined;
  /** Undefined: any. */
  readonly tags: ReadonlySet<string> | undefined;
  /** Whether undeclared fields are no mistake. */
  readonly isOpen: boolean;
}

/** A tag of this name stands for any name. */
const ANY_TAG = '*';

/** The host's own. */
const HOST_TAG = 'host';

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/** @param time default time of a point, nanoseconds since the Unix epoch; called for each point */
export function createAccumulator(options: AccumulatorOptions, time: () => bigint): Accumulator {
  const { metrics, entryTags, globalTags, onMetric, onError, mistakes = new Mistakes(() => undefined) } = options;
  const find = measurementsOf(metrics, mistakes);
  /** Of own tags that cannot change, such as those of parsed lines. */
  const known = new WeakMap<object, { readonly global: Tags; readonly all: Tags }>();
  const allTags = (own: Parameters<Accumulator['add']>[2] & object, measurement: Measurement): Tags => {
    const global = globalTags();
    const isKept = measurement.tags === undefined && Object.isFrozen(own);
    const kept = isKept ? known.get(own) : undefined;
    if (kept?.global === global) return kept.all;
    const merged: Record<string, string> = {};
    addOwnTags(merged, own, measurement, mistakes);
    addTags(merged, entryTags);
    addTags(merged, global);
    const all = internTags(merged);
    if (isKept) known.set(own, { global, all });
    return all;
  };
  return {
    add(name, given, tags = {}, at = time()) {
      const measurement = find(name);
      if (measurement === undefined) return;
      const fields = coerceFields(given, measurement, mistakes);
      if (fields === undefined) return;
      const all = allTags(tags, measurement);
      if (typeof at !== 'bigint') {
        mistakes.add(name, 'the time is no bigint (nanoseconds since 1970); the time of the gather is used');
        at = time();
      }
      onMetric({ name, tags: all, fields, time: at });
    },
    error: onError,
  };
}

/** A catalog without measurements leaves all names to the outside. */
function measurementsOf(metrics: MetricCatalog, mistakes: Mistakes): (name: string) => Measurement | undefined {
  const declared = new Map(
    Object.entries(metrics).map(([name, { fields, dynamic, tags = {} }]) => {
      const known = Object.hasOwn(tags, ANY_TAG) ? undefined : new Set([HOST_TAG, ...Object.keys(tags)]);
      return [name, { name, fields: new Map(Object.entries(fields)), dynamic, tags: known, isOpen: false }];
    }),
  );
  const isOpen = declared.size === 0;
  /** The undeclared one before. */
  let last: Measurement | undefined;
  return (name) => {
    const found = declared.get(name);
    if (found !== undefined) return found;
    if (last?.name === name) return last;
    if (typeof name !== 'string' || name === '') {
      mistakes.add('acc.add', 'the name of the measurement is no text, or empty; the point is left out');
      return undefined;
    }
    if (!isOpen) mistakes.undeclared(name);
    last = { name, fields: NO_FIELDS, dynamic: undefined, tags: undefined, isOpen: true };
    return last;
  };
}

const NO_FIELDS: ReadonlyMap<string, FieldSpec> = new Map();

function addOwnTags(
  merged: Record<string, string>,
  own: Readonly<Record<string, string | undefined>>,
  { name, tags: known }: Measurement,
  mistakes: Mistakes,
): void {
  for (const key in own) {
    const value = own[key];
    if (value === undefined || value === '') continue;
    if (known !== undefined && !known.has(key)) mistakes.undeclared(name, `the tag "${key}"`);
    if (typeof value === 'string') setOwn(merged, key, value);
    else mistakes.add(name, `the value of the tag "${key}" is no text; the tag is left out`);
  }
}

/** What is there stays. */
function addTags(merged: Record<string, string>, tags: Tags): void {
  for (const key in tags) {
    const value = tags[key];
    if (value !== undefined && value !== '' && !Object.hasOwn(merged, key)) setOwn(merged, key, value);
  }
}

/** @returns undefined when no field is left */
function coerceFields(
  given: Readonly<Record<string, FieldValue | undefined>>,
  measurement: Measurement,
  mistakes: Mistakes,
): Fields | undefined {
  // A copy has the shape of what was given; built up by name, a large record would become a slow table.
  const fields: Record<string, FieldValue | undefined> = { ...given };
  let some = false;
  for (const key in fields) {
    const value = fields[key];
    const coerced = value === undefined ? undefined : coerceField(value, key, measurement, mistakes);
    if (coerced === undefined) {
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a copy of our own
      delete fields[key];
      continue;
    }
    if (coerced !== value) fields[key] = coerced;
    some = true;
  }
  return some ? (fields as Fields) : undefined;
}

function coerceField(
  value: FieldValue,
  key: string,
  measurement: Measurement,
  mistakes: Mistakes,
): FieldValue | undefined {
  const { name, dynamic, isOpen } = measurement;
  const declared = isOpen ? undefined : measurement.fields.get(key);
  const spec = declared ?? dynamic;
  if (spec === undefined) return undeclaredField(value, key, measurement, mistakes);
  const coerced = coerce(value, spec);
  if (coerced === undefined) {
    // The values of names from outside are from outside, too: NaN is one that Prometheus knows.
    const isExpected = declared === undefined && typeof value === 'number';
    if (!isExpected) mistakes.wrongType(name, key, value, spec.type, 'left out');
  } else if (spec.type === 'int' && typeof value === 'number' && !Number.isInteger(value)) {
    mistakes.add(`${name}.${key}`, 'a fraction in a field declared int; it is rounded');
  } else if (spec.type === 'string' && typeof value !== 'string') {
    mistakes.wrongType(name, key, value, spec.type, 'written as text');
  }
  return coerced;
}

function undeclaredField(
  value: FieldValue,
  key: string,
  { name, isOpen }: Measurement,
  mistakes: Mistakes,
): FieldValue | undefined {
  if (!isOpen) mistakes.undeclared(`${name}.${key}`, 'the field');
  const kept = storable(value);
  if (kept !== undefined) mistakes.watch(name, key, kept);
  if (kept !== value && typeof value === 'bigint')
    mistakes.add(`${name}.${key}`, 'an integer beyond 64 bits with a sign; it is written as the nearest one');
  else if (kept === undefined && typeof value !== 'number')
    mistakes.add(`${name}.${key}`, 'no number, text or boolean; it is left out');
  return kept;
}

/** `__proto__` is a legal name; plain assignment would lose it. */
function setOwn<Value>(record: Record<string, Value>, key: string, value: Value): void {
  if (key !== '__proto__') record[key] = value;
  else Object.defineProperty(record, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Leaves out a value that contradicts the catalog: a field must never change its type in the database. */
function coerce(value: FieldValue, { type, unit }: FieldSpec): FieldValue | undefined {
  switch (type) {
    case 'int':
      return typeof value === 'bigint' ? clamp(value) : integer(value);
    case 'float':
      return float(value, unit === 'percent');
    case 'string':
      return typeof value === 'object' ? undefined : String(value);
    case 'bool':
      return typeof value === 'boolean' ? value : undefined;
  }
}

function integer(value: FieldValue): bigint | undefined {
  if (typeof value !== 'number') return undefined;
  if (Number.isSafeInteger(value)) return BigInt(value);
  return Number.isFinite(value) ? clamp(BigInt(Math.round(value))) : undefined;
}

/** Percentages are derived; four decimals exceed what can be measured. Counters stay exact. */
function float(value: FieldValue, isPercent: boolean): number | undefined {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
  return isPercent ? Math.round(value * 1e4) / 1e4 : value;
}

/** A value that line protocol can hold. */
function storable(value: FieldValue): FieldValue | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value === 'bigint') return clamp(value);
  return typeof value === 'string' || typeof value === 'boolean' ? value : undefined;
}

function clamp(value: bigint): bigint {
  if (value > INT64_MAX) return INT64_MAX;
  return value < INT64_MIN ? INT64_MIN : value;
}
