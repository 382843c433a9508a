import { expect, test } from '@jest/globals';

import { Feed } from '../../../src/core/feed.ts';
import { agentLog } from '../../../src/plugins/agent_log/index.ts';
import type { Accumulator, LogEntry, StreamInput } from '../../../src/plugin/index.ts';
import { manualClock, testContext } from '../../../src/testing.ts';

type Point = Parameters<Accumulator<typeof agentLog.metrics>['add']>;

function entry(message: string, more: Partial<LogEntry> = {}): LogEntry {
  return { level: 'info', message, name: 'agent', meta: {}, time: 1_700_000_000_123, ...more };
}

async function running(
  options: Record<string, unknown> = {},
  onPoint: (publish: (entry: LogEntry) => void) => void = () => undefined,
) {
  const clock = manualClock();
  const feed = new Feed<LogEntry>();
  feed.publish(entry('before the input ran'));
  const events = { onLog: feed.subscribe, onAlertEvent: () => () => undefined, alerts: () => [] };
  const context = testContext({ clock, events });
  const input = (await agentLog.create(agentLog.config.parse(options), context)) as StreamInput<
    typeof agentLog.metrics
  >;
  const points: Point[] = [];
  const stop = new AbortController();
  const acc: Accumulator<typeof agentLog.metrics> = {
    add: (...point) => {
      points.push(point as unknown as Point);
      onPoint(feed.publish);
    },
    error: (error) => {
      throw error;
    },
  };
  const run = input.run(acc, stop.signal);
  return {
    publish: feed.publish,
    clock,
    points,
    messages: () => points.map(([, { message }]) => message),
    stop: async () => {
      stop.abort();
      await run;
      context.close();
    },
  };
}

test('each line is a point, including lines from before the input ran', async () => {
  const { publish, points, stop } = await running();
  publish(entry('Cannot write', { level: 'warn', name: 'outputs.influxdb', meta: { unsent_lines: 120, size: 7n } }));
  await stop();
  publish(entry('after the end'));
  expect(points).toEqual([
    [
      'healthd_log',
      { message: 'before the input ran', severity_code: 6, details: undefined, count: 1 },
      { level: 'info', source: 'agent' },
      1_700_000_000_123_000_001n,
    ],
    [
      'healthd_log',
      { message: 'Cannot write', severity_code: 4, details: '{"unsent_lines":120,"size":"7"}', count: 1 },
      { level: 'warn', source: 'outputs.influxdb' },
      1_700_000_000_123_000_002n,
    ],
  ]);
});

test('lines of the same millisecond get distinct times, so that a database keeps all of them', async () => {
  const { publish, points, stop } = await running();
  for (let i = 0; i < 50; i += 1) publish(entry(`line ${i}`));
  await stop();
  expect(new Set(points.map(([, , , time]) => time)).size).toBe(51);
});

test('lines below the minimum level are dropped', async () => {
  const { publish, messages, stop } = await running({ level: 'warn' });
  for (const level of ['error', 'warn', 'info', 'debug'] as const) publish(entry(level, { level }));
  await stop();
  expect(messages()).toEqual(['error', 'warn']);
});

test('a flood is rate-limited, and the number of dropped lines is reported afterwards', async () => {
  const { publish, messages, clock, stop } = await running({ max_lines_per_second: 3 });
  for (let i = 0; i < 10; i += 1) publish(entry(`line ${i}`));
  clock.advance(1000);
  publish(entry('later'));
  await stop();
  expect(messages()).toEqual([
    'before the input ran',
    'line 0',
    'line 1',
    '8 log lines dropped: more than 3 per second',
    'later',
  ]);
});

test('a line logged while a point is added is not reported, which prevents a loop', async () => {
  const { publish, messages, stop } = await running({}, (publishAgain) => {
    publishAgain(entry('written because of a point'));
  });
  publish(entry('one'));
  await stop();
  expect(messages().filter((message) => message === 'one')).toHaveLength(1);
  expect(messages().length).toBeLessThan(5);
});
