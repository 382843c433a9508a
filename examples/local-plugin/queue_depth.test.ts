import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { testInput } from 'healthd/testing';

import queueDepth from './plugins/queue_depth.ts';

let answer = '{ "depth": 7, "oldest_seconds": 12.5 }';
const server = createServer((_request, response) => response.end(answer));

beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => new Promise((resolve) => server.close(resolve)));

function url(): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/stats`;
}

test('reports depth and age', async () => {
  const input = await testInput(queueDepth, { url: url() });
  const { metrics, errors } = await input.gather(1_700_000_000_000_000_000n);
  expect(errors).toEqual([]);
  expect(metrics).toEqual([
    {
      name: 'queue',
      tags: { host: 'test', queue: new URL(url()).host },
      fields: { depth: 7n, oldest: 12.5 },
      time: 1_700_000_000_000_000_000n,
    },
  ]);
  await input.stop();
});

test('names the wrong field of an answer', async () => {
  answer = '{ "depth": "many" }';
  const input = await testInput(queueDepth, { url: url() });
  const { metrics, errors } = await input.gather();
  expect(metrics).toEqual([]);
  expect(errors[0]?.message).toContain('depth');
  await input.stop();
});
