import { expect, test } from '@jest/globals';

import type { FieldValue, Metric } from '../../src/metric/metric.ts';
import { logView } from '../../src/outputs/log-record.ts';

function metricOf(name: string, fields: Readonly<Record<string, FieldValue>>): Metric {
  return { name, tags: {}, fields, time: 0n };
}

test('a field `message` makes a metric of any name a log record', () => {
  expect(logView(metricOf('healthd_log', { message: 'full', severity_code: 3n, count: 2n }))).toEqual({
    text: 'full',
    field: 'message',
    severity: 3,
    others: { count: 2n },
  });
});

test('a severity beyond those of syslog stays a field', () => {
  const { severity, others } = logView(metricOf('x', { message: 'm', severity_code: 8n }));
  expect({ severity, others }).toEqual({ severity: undefined, others: { severity_code: 8n } });
});

test('a record of OpenTelemetry has its text in `body`', () => {
  expect(logView(metricOf('logs', { body: 'slow', severity_number: 13n, trace_id: 'a' }))).toEqual({
    text: 'slow',
    field: 'body',
    severity: 4,
    others: { trace_id: 'a' },
  });
});

test.each([
  [1, 7],
  [8, 7],
  [9, 6],
  [10, 5],
  [12, 5],
  [16, 4],
  [17, 3],
  [18, 2],
  [20, 1],
  [21, 0],
  [24, 0],
  [0, undefined],
  [25, undefined],
])('severity %d of OpenTelemetry is %p of syslog', (number, expected) => {
  expect(logView(metricOf('logs', { body: '', severity_number: BigInt(number) })).severity).toBe(expected);
});

test.each([
  ['mem', { body: 'text' }],
  ['logs', { lines: 3 }],
  ['logs', { body: 3 }],
])('%s with %p is no log record', (name, fields) => {
  expect(logView(metricOf(name, fields))).toEqual({
    text: undefined,
    field: undefined,
    severity: undefined,
    others: fields,
  });
});
