/** What is read of the messages of OTLP 1: https://github.com/open-telemetry/opentelemetry-proto/tree/main/opentelemetry/proto */
import { list, message, one } from './message.ts';

export const ANY_VALUE = message({
  stringValue: one(1, 'text'),
  boolValue: one(2, 'bool'),
  intValue: one(3, 'int'),
  doubleValue: one(4, 'double'),
  arrayValue: one(5, 'message'),
  kvlistValue: one(6, 'message'),
  bytesValue: one(7, 'blob'),
});
export const ARRAY_VALUE = message({ values: list(1, 'message') });
export const KEY_VALUES = message({ values: list(1, 'message') });
export const KEY_VALUE = message({ key: one(1, 'text'), value: one(2, 'message') });

export const RESOURCE = message({ attributes: list(1, 'message') });
export const SCOPE = message({ name: one(1, 'text'), version: one(2, 'text'), attributes: list(3, 'message') });

export const METRICS_REQUEST = message({ resourceMetrics: list(1, 'message') });
export const RESOURCE_METRICS = message({ resource: one(1, 'message'), scopeMetrics: list(2, 'message') });
export const SCOPE_METRICS = message({ scope: one(1, 'message'), metrics: list(2, 'message') });
export const METRIC = message({
  name: one(1, 'text'),
  gauge: one(5, 'message'),
  sum: one(7, 'message'),
  histogram: one(9, 'message'),
  exponentialHistogram: one(10, 'message'),
  summary: one(11, 'message'),
});

/** Of all types of metrics; `isMonotonic` is that of sums. */
export const DATA = message({ dataPoints: list(1, 'message'), isMonotonic: one(3, 'bool') });

const TIMES = { startTimeUnixNano: one(2, 'fixed64'), timeUnixNano: one(3, 'fixed64') };
const TOTALS = { count: one(4, 'fixed64'), sum: one(5, 'double') };

export const NUMBER_POINT = message({
  ...TIMES,
  attributes: list(7, 'message'),
  flags: one(8, 'int'),
  asDouble: one(4, 'double'),
  asInt: one(6, 'sfixed64'),
});
export const HISTOGRAM_POINT = message({
  ...TIMES,
  ...TOTALS,
  attributes: list(9, 'message'),
  flags: one(10, 'int'),
  bucketCounts: list(6, 'fixed64'),
  explicitBounds: list(7, 'double'),
  min: one(11, 'double'),
  max: one(12, 'double'),
});
export const EXPONENTIAL_POINT = message({
  ...TIMES,
  ...TOTALS,
  attributes: list(1, 'message'),
  flags: one(10, 'int'),
  zeroCount: one(7, 'fixed64'),
  min: one(12, 'double'),
  max: one(13, 'double'),
});
export const SUMMARY_POINT = message({
  ...TIMES,
  ...TOTALS,
  attributes: list(7, 'message'),
  flags: one(8, 'int'),
  quantileValues: list(6, 'message'),
});
export const QUANTILE = message({ quantile: one(1, 'double'), value: one(2, 'double') });

export const LOGS_REQUEST = message({ resourceLogs: list(1, 'message') });
export const RESOURCE_LOGS = message({ resource: one(1, 'message'), scopeLogs: list(2, 'message') });
export const SCOPE_LOGS = message({ scope: one(1, 'message'), logRecords: list(2, 'message') });
export const LOG_RECORD = message({
  timeUnixNano: one(1, 'fixed64'),
  severityNumber: one(2, 'int'),
  severityText: one(3, 'text'),
  body: one(5, 'message'),
  attributes: list(6, 'message'),
  droppedAttributesCount: one(7, 'int'),
  traceId: one(9, 'id'),
  spanId: one(10, 'id'),
  observedTimeUnixNano: one(11, 'fixed64'),
  eventName: one(12, 'text'),
});
