/** Several urls: a write succeeds as long as one of them works. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { PermanentError, RetryableError } from '../../../src/plugin/index.ts';
import { Failover } from '../../../src/outputs/influxdb/failover.ts';
import { manualClock } from '../../../src/testing.ts';
import { testBatch } from '../../support/kit/batch.ts';
import { startFakeInfluxDb, type FakeInfluxDb } from '../../support/fakes/influxdb.ts';
import { recordingLog } from '../../support/kit/recording-log.ts';
import type { OpenOutput } from '../../support/kit/open-output.ts';

import { openOutput } from './open.ts';

const BATCH = testBatch(['cpu usage=1 1']);
const log = recordingLog();
let first: FakeInfluxDb;
let second: FakeInfluxDb;
let output: OpenOutput;

beforeEach(async () => {
  log.lines.length = 0;
  first = await startFakeInfluxDb({ version: 2 });
  second = await startFakeInfluxDb({ version: 2 });
  output = await openOutput({ urls: [first.url, second.url], bucket: 'b', request_timeout: '500ms' }, { log });
});

afterEach(async () => {
  await output.close();
  await first.stop();
  await second.stop();
});

test.each(['hang', 'close', 'garbage', 'close-mid-body', { status: 503 }, { status: 401 }] as const)(
  'the second takes over within the same write: %j',
  async (misbehaviour) => {
    first.always = misbehaviour;
    expect(await output.write(BATCH)).toBeUndefined();
    expect(second.stored).toHaveLength(1);
    expect(log.lines).toEqual(['warn: Failed over to another url']);
  },
);

test('the server that worked last is tried first, even after the other one recovers', async () => {
  first.next = [{ status: 503 }];
  for (let i = 0; i < 3; i += 1) await output.write(BATCH);
  expect([first.writes.length, second.writes.length]).toEqual([1, 3]);
  second.always = 'close';
  expect(await output.write(BATCH)).toBeUndefined();
  expect(first.stored).toHaveLength(1);
  expect(log.lines).toHaveLength(2);
});

test('rejected lines are not sent to the other server', async () => {
  first.always = { status: 400, body: { error: 'no' } };
  expect(await output.write(BATCH)).toBeInstanceOf(PermanentError);
  expect(second.writes).toEqual([]);
});

test('when all fail, the error lists all failures and has the shortest Retry-After', async () => {
  first.always = { status: 503, headers: { 'retry-after': '20' } };
  second.always = { status: 429, headers: { 'retry-after': '10' } };
  const error = (await output.write(BATCH)) as RetryableError;
  expect(error).toBeInstanceOf(RetryableError);
  expect(error.message).toContain(`${first.url} is unavailable or overloaded (503)`);
  expect(error.message).toContain(`${second.url} is rate limiting (429)`);
  expect(error.retryAfterMs).toBe(10_000);
});

test('Retry-After of one server does not apply if another one may be tried immediately', async () => {
  first.always = { status: 503, headers: { 'retry-after': '20' } };
  second.always = 'close';
  expect(((await output.write(BATCH)) as RetryableError).retryAfterMs).toBeUndefined();
});

test('an aborted write does not try the next server', async () => {
  first.always = 'hang';
  const signal = AbortSignal.timeout(50);
  expect(await output.write(BATCH, signal)).toBe(signal.reason);
  expect(second.connections).toBe(0);
});

test('a failed server is tried last, with a longer backoff after each failure', () => {
  const clock = manualClock();
  const failover = new Failover(3, clock);
  expect(failover.order()).toEqual([0, 1, 2]);
  failover.failed(0);
  expect(failover.order()).toEqual([1, 2, 0]);
  clock.advance(10_000);
  expect(failover.order()).toEqual([0, 1, 2]);
  failover.failed(0);
  clock.advance(10_000);
  expect(failover.order()).toEqual([1, 2, 0]);
  failover.failed(1);
  expect(failover.order()).toEqual([2, 0, 1]);
  expect(failover.worked(2)).toBe(true);
  expect(failover.worked(2)).toBe(false);
  clock.advance(300_000);
  expect(failover.order()).toEqual([2, 0, 1]);
});

test('the backoff is at most five minutes', () => {
  const clock = manualClock();
  const failover = new Failover(2, clock);
  for (let i = 0; i < 50; i += 1) failover.failed(0);
  expect(failover.order()).toEqual([1, 0]);
  clock.advance(300_000);
  expect(failover.order()).toEqual([0, 1]);
});
