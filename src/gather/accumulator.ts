/** Turns what a plugin reports into metrics: coerced by the catalog, tagged, stamped. */
import type { Fields, FieldValue, Metric, Tags } from '../metric/metric.ts';
import { internTags } from '../metric/series.ts';
import type { Accumulator, FieldSpec, MetricCatalog, MetricSpec } from '../plugin/index.ts';

export interface AccumulatorOptions {
  readonly metrics: MetricCatalog;
  /** Tags of the entry, then `host` and global tags. Neither overwrites a tag that the plugin set. */
  readonly entryTags: Tags;
  /** Called for each point, because a reload may change them. */
  readonly globalTags: () => Tags;
  readonly onMetric: (metric: Metric) => void;
  readonly onError: (error: unknown) => void;
}

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/** @param time default time of a point, nanoseconds since the Unix epoch; called for each point */
export function createAccumulator(options: AccumulatorOptions, time: () => bigint): Accumulator {
  const { metrics, entryTags, globalTags, onMetric, onError } = options;
  return {
    add(name, given, tags = {}, at = time()) {
      const fields = coerceFields(given, metrics[name]);
      if (fields === undefined) return;
      onMetric({ name, tags: internTags(mergeTags(tags, entryTags, globalTags())), fields, time: at });
    },
    error: onError,
  };
}

function mergeTags(own: Readonly<Record<string, string | undefined>>, entryTags: Tags, globalTags: Tags): Tags {
  const merged: Record<string, string> = {};
  for (const tags of [own, entryTags, globalTags]) {
    for (const key in tags) {
      const value = tags[key];
      if (value !== undefined && value !== '' && !Object.hasOwn(merged, key)) setOwn(merged, key, value);
    }
  }
  return merged;
}

/** @returns undefined when no field is left */
function coerceFields(
  given: Readonly<Record<string, FieldValue | undefined>>,
  spec: MetricSpec | undefined,
): Fields | undefined {
  // A copy has the shape of what was given; built up by name, a large record would become a slow table.
  const fields: Record<string, FieldValue | undefined> = { ...given };
  let some = false;
  for (const key in fields) {
    const coerced = coerceField(fields[key], spec?.fields[key] ?? spec?.dynamic);
    if (coerced === undefined) {
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a copy of our own
      delete fields[key];
      continue;
    }
    fields[key] = coerced;
    some = true;
  }
  return some ? (fields as Fields) : undefined;
}

function coerceField(value: FieldValue | undefined, declared: FieldSpec | undefined): FieldValue | undefined {
  if (value === undefined) return undefined;
  return declared === undefined ? finite(value) : coerce(value, declared);
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
      return String(value);
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

function finite(value: FieldValue): FieldValue | undefined {
  if (typeof value === 'bigint') return clamp(value);
  return typeof value === 'number' && !Number.isFinite(value) ? undefined : value;
}

function clamp(value: bigint): bigint {
  if (value > INT64_MAX) return INT64_MAX;
  return value < INT64_MIN ? INT64_MIN : value;
}
