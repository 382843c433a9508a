/** Metrics: https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/metrics/v1/metrics.proto */
import type { FieldSpec, FieldValue, Metric, MetricKind, MetricSpec } from '../../plugin/index.ts';

import {
  byHost,
  entry,
  INT64_MAX,
  keyValues,
  resourceOf,
  SCOPE,
  type ExportRequest,
  type Item,
  type KeyValue,
} from './request.ts';
import { ucum } from './units.ts';

export interface MetricsSettings {
  readonly describe: (measurement: string) => MetricSpec | undefined;
  /** Attributes of every resource. */
  readonly attributes: Readonly<Record<string, string>>;
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

/** Encodes an ExportMetricsServiceRequest. */
export function metricsRequest(items: readonly Item[], { describe, attributes }: MetricsSettings): ExportRequest {
  const lines: number[] = [];
  let size = 0;
  const resourceMetrics = [...byHost(items)].flatMap(([host, ofHost]) => {
    const series = new Map<string, Series>();
    for (const { metric, line } of ofHost) {
      const points = pointsOf(metric);
      if (points.length > 0) lines.push(line);
      size += points.length;
      const spec = describe(metric.name);
      for (const [field, point] of points)
        entry(series, `${metric.name}_${field}`, () => newSeries(spec, field)).points.push(point);
    }
    if (series.size === 0) return [];
    return [
      { resource: resourceOf(host, attributes), scopeMetrics: [{ scope: SCOPE, metrics: [...series].map(metricOf) }] },
    ];
  });
  return { body: { resourceMetrics }, size, lines };
}

function pointsOf({ tags, fields, time }: Metric): readonly (readonly [field: string, point: DataPoint])[] {
  const { host: _, ...others } = tags;
  const common = { attributes: keyValues(others), timeUnixNano: time.toString() };
  return Object.entries(fields).flatMap(([field, value]) => {
    const number = numberOf(value);
    return number === undefined ? [] : [[field, { ...common, ...number }] as const];
  });
}

/** @returns undefined for strings, which OTLP metrics do not have */
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
