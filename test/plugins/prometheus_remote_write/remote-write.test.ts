/** The input: what it decodes, refuses and confirms, and a real Prometheus that writes to it. */
import snappy from 'snappyjs';
import { afterEach, expect, test } from '@jest/globals';

import { PermanentError, RetryableError, type Storage, type z } from '../../../src/plugin/index.ts';
import { prometheusRemoteWrite } from '../../../src/plugins/prometheus_remote_write/index.ts';
import { decodeWriteRequest } from '../../../src/plugins/prometheus_remote_write/write-request.ts';
import { atOnce } from '../../../src/core/turns.ts';
import { openOutput } from '../../outputs/prometheus_remote_write/open.ts';
import { openListener, SAFE, type OpenListener } from '../../support/kit/open-listener.ts';
import { PROMETHEUS, startPrometheus } from '../../support/servers/prometheus.ts';
import { freePort, testWith, waitFor } from '../../support/servers/real-server.ts';

let opened: OpenListener | undefined;

afterEach(async () => {
  await opened?.close();
  opened = undefined;
});

async function open(
  options: z.input<typeof prometheusRemoteWrite.config> = {},
  storage?: Storage,
): Promise<OpenListener & { readonly writeUrl: string }> {
  opened = await openListener(prometheusRemoteWrite, options, storage);
  return { ...opened, writeUrl: `${opened.url}/api/v1/write` };
}

/** `{__name__="a", l="x"} 1.5` at 5 ms, by hand. */
const REQUEST = Buffer.from([
  ...[0x0a, 0x28],
  ...[0x0a, 0x0d, 0x0a, 0x08, ...Buffer.from('__name__'), 0x12, 0x01, 0x61],
  ...[0x0a, 0x06, 0x0a, 0x01, 0x6c, 0x12, 0x01, 0x78],
  ...[0x12, 0x0b, 0x09, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 0x10, 0x05],
  ...[0x12, 0x02, 0x10, 0x06],
]);

async function post(url: string, body: Uint8Array, headers: Record<string, string> = {}) {
  const answer = await fetch(url, { method: 'POST', body, headers: { 'content-encoding': 'snappy', ...headers } });
  return { status: answer.status, text: await answer.text(), retryAfter: answer.headers.get('retry-after') };
}

test('decodes series: labels, values, times; a missing value is 0', () => {
  expect(atOnce(decodeWriteRequest(REQUEST, 10))).toEqual([
    { name: 'a', labels: new Map([['l', 'x']]), value: 1.5, time: 5_000_000n },
    { name: 'a', labels: new Map([['l', 'x']]), value: 0, time: 6_000_000n },
  ]);
});

test('what is cut off anywhere is refused, or has fewer samples', () => {
  for (let length = 1; length < REQUEST.length; length += 1)
    expect(() => atOnce(decodeWriteRequest(REQUEST.subarray(0, length), 10))).toThrow(/not valid protobuf/);
});

test('samples of equal labels and time are one point, with the names as fields', async () => {
  const { writeUrl, lines } = await open();
  const output = await openOutput({ url: writeUrl });
  const error = await output.write([
    'cpu,host=a idle=2.5,busy=1i 1700000000123000000',
    'mem,host=b free=7 1700000000000000000',
  ]);
  await output.close();
  expect(error).toBeUndefined();
  expect(lines).toEqual([
    'prometheus,host=a cpu_idle=2.5,cpu_busy=1 1700000000123000000',
    'prometheus,host=b mem_free=7 1700000000000000000',
  ]);
});

test('bad requests get a reason, and nothing is stored', async () => {
  const { url, writeUrl, lines } = await open({ max_samples: 1 });
  expect(await post(writeUrl, snappy.compress(REQUEST))).toMatchObject({
    status: 413,
    text: 'The request is not understood: more than 1 samples\n',
  });
  expect(await post(writeUrl, REQUEST)).toMatchObject({ status: 400 });
  expect(await post(writeUrl, snappy.compress(Buffer.from([0x0a, 0x7f])))).toMatchObject({
    status: 400,
    text: expect.stringContaining('not valid protobuf'),
  });
  expect(await post(writeUrl, snappy.compress(Buffer.from([0x0a, 0x04, 0x12, 0x02, 0x10, 0x06])))).toMatchObject({
    text: expect.stringContaining('a series has no label __name__'),
  });
  expect(await post(writeUrl, REQUEST, { 'content-encoding': 'identity' })).toMatchObject({ status: 415 });
  const version2 = { 'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request' };
  expect(await post(writeUrl, REQUEST, version2)).toMatchObject({ status: 415 });
  expect(await post(`${url}/other`, REQUEST)).toMatchObject({ status: 404 });
  expect(lines).toEqual([]);
});

test('a bomb is refused by the length that it claims', async () => {
  const { writeUrl } = await open();
  const bomb = snappy.compress(new Uint8Array(64 * 1024 * 1024));
  expect(bomb.length).toBeLessThan(8 * 1024 * 1024);
  expect((await post(writeUrl, bomb)).status).toBe(400);
});

test('a journal in trouble is a 503, which clients retry; a bad request is not', async () => {
  const trouble = 'The journal cannot be written';
  const { writeUrl, lines } = await open({}, { ...SAFE, trouble });
  expect(await post(writeUrl, snappy.compress(REQUEST))).toEqual({
    status: 503,
    text: `${trouble}; try again\n`,
    retryAfter: '10',
  });
  const output = await openOutput({ url: writeUrl });
  expect(await output.write(['cpu idle=1 1700000000123000000'])).toBeInstanceOf(RetryableError);
  await output.close();
  expect(lines).toEqual([]);
});

test('credentials are checked', async () => {
  const { writeUrl } = await open({ bearer_token: 't' });
  const output = await openOutput({ url: writeUrl });
  expect(await output.write(['cpu idle=1 1700000000123000000'])).toBeInstanceOf(Error);
  await output.close();
  const known = await openOutput({ url: writeUrl, bearer_token: 't' });
  expect(await known.write(['cpu idle=1 1700000000123000000'])).not.toBeInstanceOf(PermanentError);
  await known.close();
});

testWith(PROMETHEUS)('a real Prometheus writes what it scrapes', async () => {
  const { writeUrl, lines } = await open();
  const server = await startPrometheus({ sendTo: [writeUrl], targets: [`127.0.0.1:${await freePort()}`] });
  try {
    await waitFor(() => lines.some((line) => /^prometheus,.*\bup=0/.test(line)), { what: 'the sample "up"' });
    const up = lines.find((line) => /\bup=0/.test(line))!;
    expect(up).toMatch(/^prometheus,instance=127\.0\.0\.1:\d+,job=job-0 \S*\bup=0\S* \d{19}$/);
  } finally {
    await server.stop();
  }
});
