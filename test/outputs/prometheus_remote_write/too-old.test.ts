/** Against a server that accepts or rejects a request as a whole, as Prometheus does. */
import { expect, test } from '@jest/globals';

import { OutOfBoundsError, sendWithoutTooOld } from '../../../src/outputs/prometheus_remote_write/too-old.ts';
import { PermanentError, type Metric } from '../../../src/plugin/index.ts';

const REFUSAL = new OutOfBoundsError('out of bounds');

const metric = (ms: number, host = 'a'): Metric => ({
  name: 'cpu',
  tags: { host },
  fields: { idle: 1 },
  time: BigInt(ms) * 1_000_000n,
});

function serverFrom(bound: number, other?: (metrics: readonly Metric[]) => Error | undefined) {
  const requests: (readonly number[])[] = [];
  return {
    requests,
    send: (metrics: readonly Metric[]) => {
      const times = metrics.map(({ time }) => Number(time / 1_000_000n));
      requests.push(times);
      const error = times.some((time) => time < bound) ? REFUSAL : other?.(metrics);
      return error === undefined ? Promise.resolve() : Promise.reject(error);
    },
  };
}

const METRICS = [metric(30), metric(10), metric(20), metric(10, 'b'), metric(40), metric(40, 'b')];

test('sends the lines that are not too old, oldest first, in few requests', async () => {
  const server = serverFrom(15);
  expect(await sendWithoutTooOld(METRICS, REFUSAL, server.send)).toEqual([1, 3]);
  expect(server.requests).toEqual([[10, 10], [20], [30, 40, 40]]);
});

test('a batch that is entirely too old takes one request per timestamp', async () => {
  const server = serverFrom(100);
  expect(await sendWithoutTooOld(METRICS, REFUSAL, server.send)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(server.requests).toEqual([[10, 10], [20], [30], [40, 40]]);
});

test('a metric without numbers is neither sent nor rejected', async () => {
  const server = serverFrom(15);
  const text = { ...metric(5), fields: { message: 'x' } };
  expect(await sendWithoutTooOld([text, metric(10), metric(20)], REFUSAL, server.send)).toEqual([1]);
  expect(server.requests).toEqual([[10], [20]]);
});

test('leaves batches with too many timestamps to the host', async () => {
  const server = serverFrom(100);
  const many = Array.from({ length: 60 }, (_, index) => metric(index));
  await expect(sendWithoutTooOld(many, REFUSAL, server.send)).rejects.toBe(REFUSAL);
  expect(server.requests).toEqual([]);
});

test('other errors are passed on', async () => {
  const other = new PermanentError('out of order sample');
  const server = serverFrom(15, (metrics) => (metrics.length === 3 ? other : undefined));
  await expect(sendWithoutTooOld(METRICS, REFUSAL, server.send)).rejects.toBe(other);
});
