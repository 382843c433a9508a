/**
 * Metrics as an ExportMetricsServiceRequest in the JSON encoding of OTLP 1: lowerCamelCase names, enums as numbers, 64-bit
 * integers as strings. https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/metrics/v1/metrics.proto
 */
import type { FieldSpec, FieldValue, Metric, MetricKind, MetricSpec } from '../../plugin.ts';

import { ucum } from './units.ts';

export interface ExportRequest {
  readonly body: string;
  /** Number of data points. */
  readonly points: number;
  /** The lines that have any: positions in the batch, ascending. */
  readonly lines: readonly number[];
}

export interface RequestSettings {
  readonly describe: (measurement: string) => MetricSpec | undefined;
  /** Of every resource. */
  readonly attributes: Readonly<Record<string, string>>;
}

interface KeyValue {
  readonly key: string;
  readonly value: { readonly stringValue: string };
}

type Value = { readonly asInt: string } | { readonly asDouble: number };

type DataPoint = Value & { readonly attributes: readonly KeyValue[]; readonly timeUnixNano: string };

interface Series {
  readonly kind: MetricKind;
  readonly unit: string;
  readonly description: string;
  readonly points: DataPoint[];
}

/** AGGREGATION_TEMPORALITY_CUMULATIVE */
const CUMULATIVE = 2;

/** One resource for each host, which is what a backend tells senders apart by. */
export function exportRequest(metrics: Iterable<Metric>, { describe, attributes }: RequestSettings): ExportRequest {
  const hosts = new Map<string, Map<string, Series>>();
  const lines: number[] = [];
  let points = 0;
  let line = -1;
  for (const metric of metrics) {
    line += 1;
    const found = isLogRecord(metric) ? [] : pointsOf(metric);
    if (found.length === 0) continue;
    lines.push(line);
    points += found.length;
    const { host = '' } = metric.tags;
    const spec = describe(metric.name);
    const series = entry(hosts, host, () => new Map<string, Series>());
    for (const [field, point] of found)
      entry(series, `${metric.name}_${field}`, () => newSeries(spec, field)).points.push(point);
  }
  const resourceMetrics = [...hosts].map(([host, series]) => ({
    resource: { attributes: resourceAttributes(host, attributes) },
    scopeMetrics: [{ scope: { name: 'healthd' }, metrics: [...series].map(metricOf) }],
  }));
  return { body: JSON.stringify({ resourceMetrics }), points, lines };
}

/** A text with a severity, which happens to have numbers. */
function isLogRecord({ fields }: Metric): boolean {
  return typeof fields['message'] === 'string';
}

function pointsOf({ tags, fields, time }: Metric): readonly (readonly [field: string, point: DataPoint])[] {
  const { host: _, ...others } = tags;
  const common = { attributes: keyValues(others), timeUnixNano: time.toString() };
  return Object.entries(fields).flatMap(([field, value]) => {
    const number = numberOf(value);
    return number === undefined ? [] : [[field, { ...common, ...number }] as const];
  });
}

const INT64_MAX = 2n ** 63n - 1n;

/** @returns undefined for text, which a metric cannot hold */
function numberOf(value: FieldValue): Value | undefined {
  if (typeof value === 'string') return undefined;
  if (typeof value === 'number') return { asDouble: value };
  if (typeof value === 'boolean') return { asInt: value ? '1' : '0' };
  return value > INT64_MAX ? { asDouble: Number(value) } : { asInt: value.toString() };
}

function newSeries(spec: MetricSpec | undefined, field: string): Series {
  const found: Partial<FieldSpec> = spec?.fields[field] ?? spec?.dynamic ?? {};
  return {
    kind: found.kind ?? spec?.kind ?? 'gauge',
    unit: ucum(found.unit ?? ''),
    description: found.help ?? '',
    points: [],
  };
}

function metricOf([name, { kind, unit, description, points: dataPoints }]: readonly [string, Series]) {
  const data =
    kind === 'counter'
      ? { sum: { dataPoints, aggregationTemporality: CUMULATIVE, isMonotonic: true } }
      : { gauge: { dataPoints } };
  return { name, ...(description === '' ? {} : { description }), ...(unit === '' ? {} : { unit }), ...data };
}

function resourceAttributes(host: string, attributes: RequestSettings['attributes']): readonly KeyValue[] {
  const own = { 'service.name': 'healthd', ...(host === '' ? {} : { 'host.name': host }) };
  return keyValues({ ...own, ...attributes });
}

function keyValues(texts: Readonly<Record<string, string>>): readonly KeyValue[] {
  return Object.entries(texts).map(([key, stringValue]) => ({ key, value: { stringValue } }));
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}
