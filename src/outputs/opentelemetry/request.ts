/**
 * Common parts of the requests for metrics and logs, in the form of the JSON encoding of OTLP 1: lowerCamelCase names, enums as
 * numbers, 64-bit integers as strings. https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */
import type { FieldValue, Metric } from '../../plugin/index.ts';

export interface ExportRequest {
  /** In the form of the JSON encoding. */
  readonly body: object;
  /** Number of data points or log records. */
  readonly size: number;
  /** The lines that contribute any, as positions in the batch. */
  readonly lines: readonly number[];
}

/** A metric and the position of its line in the batch. */
export interface Item {
  readonly metric: Metric;
  readonly line: number;
}

export interface KeyValue {
  readonly key: string;
  readonly value: AnyValue;
}

type AnyValue =
  | { readonly stringValue: string }
  | { readonly intValue: string }
  | { readonly doubleValue: number }
  | { readonly boolValue: boolean };

/** Maximum integer of OTLP; unsigned integers of line protocol (`u`) may be larger. */
export const INT64_MAX = 2n ** 63n - 1n;

export const SCOPE = { name: 'healthd' } as const;

/** Backends identify senders by their resource, so each host has its own. The key is empty without the tag `host`. */
export function byHost(items: readonly Item[]): ReadonlyMap<string, readonly Item[]> {
  const hosts = new Map<string, Item[]>();
  for (const item of items) entry(hosts, item.metric.tags['host'] ?? '', () => []).push(item);
  return hosts;
}

/**
 * The instance is the host: Prometheus makes its labels `job` and `instance` of `service.name` and `service.instance.id` alone,
 * and the series of all hosts would be one.
 */
export function resourceOf(host: string, attributes: Readonly<Record<string, string>>) {
  const ofHost = host === '' ? {} : { 'host.name': host, 'service.instance.id': host };
  const own = { 'service.name': 'healthd', ...ofHost };
  return { attributes: keyValues({ ...own, ...attributes }) };
}

export function keyValues(values: Readonly<Record<string, FieldValue>>): readonly KeyValue[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: anyValue(value) }));
}

function anyValue(value: FieldValue): AnyValue {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'number') return { doubleValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return value > INT64_MAX ? { doubleValue: Number(value) } : { intValue: value.toString() };
}

export function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}
