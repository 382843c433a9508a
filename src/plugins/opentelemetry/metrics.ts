/**
 * Metrics in the schema that Telegraf's input `opentelemetry` has by default (`prometheus-v1`):
 * https://github.com/influxdata/influxdb-observability/blob/main/docs/metrics.md
 */
import type { FieldValue } from '../../plugin/index.ts';

import { attributesOf, sourceOf, textOf, withHost, type Attributes } from './attributes.ts';
import { bucketFields, plainNumber } from './buckets.ts';
import type { Decoder } from './decoder.ts';
import type { Intake } from './intake.ts';
import type { Message, Opened, Raw, Table } from './message.ts';
import {
  DATA,
  EXPONENTIAL_POINT,
  HISTOGRAM_POINT,
  METRIC,
  METRICS_REQUEST,
  NUMBER_POINT,
  QUANTILE,
  RESOURCE_METRICS,
  SCOPE_METRICS,
  SUMMARY_POINT,
} from './messages.ts';

type FieldEntries = readonly (readonly [name: string, value: FieldValue | undefined])[];

/** A message that says why a point is rejected. */
class Rejection extends Error {
  override readonly name = 'Rejection';
}

/** Points between two pauses: a few milliseconds. */
const POINTS_IN_STEP = 200;

/** `NO_RECORDED_VALUE`: the series has ended. */
const NO_VALUE = 1n;

/** To be done in turns. @throws Error if the body is no such request; RangeError if it is too large */
export function* takeMetrics(decoder: Decoder, body: Raw, intake: Intake): Generator<undefined, void> {
  for (const resourceMetrics of decoder.open(METRICS_REQUEST, body).resourceMetrics) {
    const { resource, scopeMetrics } = decoder.open(RESOURCE_METRICS, resourceMetrics);
    for (const each of scopeMetrics) {
      const { scope, metrics } = decoder.open(SCOPE_METRICS, each);
      const source = sourceOf(decoder, resource, scope);
      for (const metric of metrics) {
        yield;
        yield* takeMetric(decoder, decoder.open(METRIC, metric), source, intake);
      }
    }
  }
}

type OpenedMetric = Opened<(typeof METRIC)['table']>;

function* takeMetric(
  decoder: Decoder,
  metric: OpenedMetric,
  source: Attributes,
  intake: Intake,
): Generator<undefined, void> {
  const { name = '' } = metric;
  const type = TYPES.find((each) => metric[each] !== undefined);
  const data = type === undefined ? undefined : metric[type];
  if (type === undefined || data === undefined) {
    intake.warn(name, 'there are no data of a type that is known');
    return;
  }
  const { dataPoints, isMonotonic = false } = decoder.open(DATA, data);
  for (const [index, point] of dataPoints.entries()) {
    if (index % POINTS_IN_STEP === POINTS_IN_STEP - 1) yield;
    READERS[type](point, { decoder, name, source, isMonotonic, intake });
  }
}

interface Context {
  readonly decoder: Decoder;
  readonly name: string;
  readonly source: Attributes;
  readonly isMonotonic: boolean;
  readonly intake: Intake;
}

type Reader = (raw: Raw, context: Context) => void;

/** What all data points have. */
type Common = Pick<(typeof NUMBER_POINT)['table'], 'attributes' | 'flags' | 'startTimeUnixNano' | 'timeUnixNano'>;

/** @param fieldsOf what is particular to the type; throws a Rejection */
function reader<T extends Table & Common>(
  type: Message<T>,
  fieldsOf: (point: Opened<T>, context: Context) => FieldEntries,
): Reader {
  return (raw, context) => {
    const { decoder, name, source, intake } = context;
    const point = decoder.open(type, raw);
    const { flags = 0n, startTimeUnixNano = 0n, timeUnixNano = 0n, attributes } = point as unknown as Opened<Common>;
    if ((flags & NO_VALUE) !== 0n) return;
    try {
      const fields = new Map(fieldsOf(point, context));
      if (startTimeUnixNano !== 0n) fields.set('start_time_unix_nano', startTimeUnixNano);
      const own = attributesOf(decoder, attributes);
      intake.add({ name, tags: tagsOf(own, source), fields, time: timeUnixNano === 0n ? undefined : timeUnixNano });
    } catch (error) {
      if (!(error instanceof Rejection)) throw error;
      intake.reject(name, error.message);
    }
  };
}

function tagsOf(own: Attributes, source: Attributes): Map<string, string> {
  const tags = new Map<string, string>();
  for (const attributes of [own, source]) for (const [key, value] of attributes) tags.set(key, textOf(value));
  return withHost(tags, source);
}

type OpenedNumber = Opened<(typeof NUMBER_POINT)['table']>;

function numberOf({ asDouble, asInt }: OpenedNumber): FieldValue {
  const value = asInt ?? asDouble;
  if (value === undefined) throw new Rejection('the point has no value');
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Rejection(`the value is ${value}`);
  return value;
}

/** Floats, as Telegraf writes them. */
function totals({ count = 0n, sum }: { readonly count: bigint | undefined; readonly sum: number | undefined }) {
  return [
    ['count', Number(count)],
    ['sum', sum],
  ] as const;
}

const READERS = {
  gauge: reader(NUMBER_POINT, (point) => [['gauge', numberOf(point)]]),
  sum: reader(NUMBER_POINT, (point, { isMonotonic }) => [[isMonotonic ? 'counter' : 'gauge', numberOf(point)]]),
  histogram: reader(HISTOGRAM_POINT, (point) => {
    const { bucketCounts, explicitBounds, min, max } = point;
    const buckets = bucketFields(bucketCounts, explicitBounds);
    if (typeof buckets === 'string') throw new Rejection(buckets);
    return [...totals(point), ['min', min], ['max', max], ...buckets];
  }),
  exponentialHistogram: reader(EXPONENTIAL_POINT, (point, { name, intake }) => {
    intake.warn(name, 'the buckets of an exponential histogram are left out');
    const { zeroCount = 0n, min, max } = point;
    return [...totals(point), ['zero_count', Number(zeroCount)], ['min', min], ['max', max]];
  }),
  summary: reader(SUMMARY_POINT, (point, { decoder }) => {
    const quantiles = point.quantileValues.map((each) => decoder.open(QUANTILE, each));
    return [
      ...totals(point),
      ...quantiles.map(({ quantile = 0, value = 0 }) => [plainNumber(quantile), value] as const),
    ];
  }),
} satisfies Partial<Record<keyof OpenedMetric, Reader>>;

const TYPES = Object.keys(READERS) as (keyof typeof READERS)[];
