/** Exports of OpenTelemetry, in both encodings. */
import { ok } from 'node:assert/strict';

import { jsonOf } from '../../../src/core/json.ts';
import { atOnce } from '../../../src/core/turns.ts';
import { Decoder } from '../../../src/plugins/opentelemetry/decoder.ts';
import { Intake, type Point } from '../../../src/plugins/opentelemetry/intake.ts';
import { isObject } from '../../../src/plugins/opentelemetry/json-value.ts';
import { takeLogs } from '../../../src/plugins/opentelemetry/logs.ts';
import type { Raw } from '../../../src/plugins/opentelemetry/message.ts';
import { takeMetrics } from '../../../src/plugins/opentelemetry/metrics.ts';
import { target, type Target } from '../target.ts';

const METRICS = JSON.stringify({
  resourceMetrics: [
    {
      resource: { attributes: [{ key: 'host.name', value: { stringValue: 'web1' } }] },
      scopeMetrics: [
        {
          scope: { name: 's', version: '1' },
          metrics: [
            { name: 'g', gauge: { dataPoints: [{ timeUnixNano: '5', asInt: '-3', flags: 0 }, { asDouble: 'NaN' }] } },
            { name: 'c', sum: { isMonotonic: true, dataPoints: [{ timeUnixNano: 5, asDouble: 1e300 }] } },
            {
              name: 'h',
              histogram: { dataPoints: [{ count: 2, sum: 1, bucketCounts: ['1', '1'], explicitBounds: [1e-9] }] },
            },
            { name: 's', summary: { dataPoints: [{ count: 1, quantileValues: [{ quantile: 0.99, value: 2 }] }] } },
            { name: 'e', exponentialHistogram: { dataPoints: [{ count: '1', zeroCount: 1 }] } },
          ],
        },
      ],
    },
  ],
});

const LOGS = JSON.stringify({
  resourceLogs: [
    {
      scopeLogs: [
        {
          logRecords: [
            {
              timeUnixNano: '7',
              severityNumber: 9,
              body: { kvlistValue: { values: [{ key: 'a', value: { arrayValue: { values: [{ intValue: 1 }] } } }] } },
              traceId: '5b8efff798038103d269b633813fc60c',
            },
          ],
        },
      ],
    },
  ],
});

/** `g{k="v"} 1.5` at 5 ns, and a histogram with packed buckets. */
const METRICS_PROTOBUF = Buffer.from(
  '0a5e125c12230a01672a1e0a1c19050000000000000021000000000000f83f3a080a016b12030a017612350a01684a300a2e' +
    '1906000000000000002103000000000000003210010000000000000002000000000000003a08000000000000f83f',
  'hex',
);
/** A record at 7 ns with the body `x`. */
const LOGS_PROTOBUF = Buffer.from('0a141212121009070000000000000010092a030a0178', 'hex');

/** A body of JSON is an object; bytes that are none are protobuf. */
function rawOf(input: Buffer): Raw {
  const value = input[0] === 0x7b ? jsonOf(input.toString()) : undefined;
  return isObject(value) ? value : input;
}

function check(points: readonly Point[]): void {
  for (const { name, tags, fields, time } of points) {
    ok(name.length > 0 && tags.size <= 256 && fields.size > 0);
    ok(time === undefined || time < 2n ** 63n);
    for (const value of tags.values()) ok(typeof value === 'string');
  }
}

const POINTS = 1000;

function taken(input: Buffer, take: (decoder: Decoder, raw: Raw, intake: Intake) => Iterator<undefined, void>) {
  const intake = new Intake(POINTS);
  atOnce(take(new Decoder(20 * POINTS), rawOf(input), intake));
  ok(intake.message.length < 10_000);
  return intake.points;
}

export const OTLP: readonly Target[] = [
  target('metrics of OTLP', {
    share: 0.2,
    examples: [METRICS, METRICS_PROTOBUF],
    parse: (input) => taken(input, takeMetrics),
    throws: ['Error', 'RangeError'],
    holds: check,
  }),
  target('logs of OTLP', {
    share: 0.1,
    examples: [LOGS, LOGS_PROTOBUF],
    parse: (input) => taken(input, (decoder, raw, intake) => takeLogs(decoder, raw, intake, (key) => key === 'a')),
    throws: ['Error', 'RangeError'],
    holds: check,
  }),
];
