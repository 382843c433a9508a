import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ServerResponse } from 'node:http';

import { prometheusRemoteWrite } from '../../../src/outputs/prometheus_remote_write/index.ts';
import { SeriesTable } from '../../../src/outputs/prometheus_remote_write/series-table.ts';
import {
  PermanentError,
  RetryableError,
  TooLargeError,
  type Metric,
  type MetricCatalog,
} from '../../../src/plugin/index.ts';
import { manualClock, type TestSettings } from '../../../src/testing.ts';
import { recordingLog } from '../../support/kit/recording-log.ts';
import { outputContract } from '../../contract/output-contract.ts';
import { startFakeRemoteWrite, type FakeRemoteWrite } from '../../support/fakes/remote-write.ts';

import { openOutput, type OpenOutput } from './open.ts';

let server: FakeRemoteWrite;
let opened: OpenOutput[] = [];

beforeEach(async () => {
  server = await startFakeRemoteWrite();
});

afterEach(async () => {
  for (const each of opened) await each.close();
  opened = [];
  await server.close();
});

async function open(options: object = {}, settings: TestSettings = {}): Promise<OpenOutput> {
  const output = await openOutput({ url: server.url, ...options }, settings);
  opened.push(output);
  return output;
}

/** Series and samples of all requests. */
const received = () => server.requests.flatMap(({ series }) => series).map(({ series, samples }) => [series, samples]);

describe('the contract of outputs', () => {
  outputContract(
    () => Promise.resolve(prometheusRemoteWrite),
    async () => {
      const fake = await startFakeRemoteWrite();
      return { options: { url: fake.url }, received: () => undefined, close: () => fake.close() };
    },
  );
});

describe('a request', () => {
  test('groups samples by series, in order of time, without duplicates', async () => {
    const output = await open();
    const lines = ['cpu,host=a idle=3,n=4i 3000000', 'cpu,host=b idle=9 2000000', 'cpu,host=a idle=1 1000000'];
    expect(await output.write([...lines, 'cpu,host=a idle=2 2000000', 'cpu,host=a idle=30 3999999'])).toBeUndefined();
    expect(received()).toEqual([
      [
        'cpu_idle{host="a"}',
        [
          [1, 1],
          [2, 2],
          [3, 30],
        ],
      ],
      ['cpu_n{host="a"}', [[3, 4]]],
      ['cpu_idle{host="b"}', [[2, 9]]],
    ]);
  });

  test('has sorted labels, upper case before __name__, and only valid characters', async () => {
    const output = await open();
    const odd = String.raw`9we\ ather.x,ci-ty=München\ 🌧,Zone=z,__a=1 ok=t,text="x",wet\ °C=-0.5 1000000`;
    expect(await output.write([odd])).toBeUndefined();
    const labels = '{Zone="z",_a="1",ci_ty="München 🌧"}';
    expect(received()).toEqual([
      [`_9we_ather_x_ok${labels}`, [[1, 1]]],
      [`_9we_ather_x_wet__C${labels}`, [[1, -0.5]]],
    ]);
  });

  test('has one series if two fields have the same name and labels, with the samples of the first', async () => {
    const output = await open();
    expect(await output.write(['a value=1,gauge=2 1000000', 'a_b c=1 1000000', 'a b_c=2 2000000'])).toBeUndefined();
    expect(received()).toEqual([
      ['a{}', [[1, 1]]],
      ['a_b_c{}', [[1, 1]]],
    ]);
  });

  test('contains nothing of the previous one, even if that failed', async () => {
    const output = await open();
    server.before = (response) => answer(response, 500);
    expect(await output.write(['a b=1 1000000'])).toBeInstanceOf(RetryableError);
    server.before = () => false;
    expect(await output.write(['a b=2 2000000'])).toBeUndefined();
    expect(await output.write(['a b=3 3000000', 'a c=4 3000000'])).toBeUndefined();
    expect(received()).toEqual([
      ['a_b{}', [[2, 2]]],
      ['a_b{}', [[3, 3]]],
      ['a_c{}', [[3, 4]]],
    ]);
  });

  test('has times before 1970 and large numbers', async () => {
    const output = await open();
    expect(
      await output.write(['a big=1e300,n=9007199254740993i -5000000', 'b x=1 9223372036854000000']),
    ).toBeUndefined();
    expect(received()).toEqual([
      ['a_big{}', [[-5, 1e300]]],
      ['a_n{}', [[-5, 9_007_199_254_740_992]]],
      ['b_x{}', [[9_223_372_036_854, 1]]],
    ]);
  });

  test('is not sent for strings alone', async () => {
    const output = await open();
    expect(await output.write(['log,host=a message="x" 1'])).toBeUndefined();
    expect(server.headers).toEqual([]);
  });

  test('may be large', async () => {
    const output = await open();
    const lines = Array.from({ length: 5000 }, (_, i) => `cpu,host=server-${i} a=${i},b=2,c=3 1000000`);
    expect(await output.write(lines)).toBeUndefined();
    expect(received()).toHaveLength(15_000);
    expect(received()[14_997]).toEqual(['cpu_a{host="server-4999"}', [[1, 4999]]]);
  });
});

describe('metadata', () => {
  const metrics: MetricCatalog = {
    net: { kind: 'counter', fields: { sent_bytes: { type: 'int', unit: 'bytes', help: 'Bytes sent' } } },
    mem: { fields: { free: { type: 'int', unit: 'bytes', help: 'Memory' }, extra: { type: 'int', help: 'Extra' } } },
  };

  test('is sent once per name, until a request with it succeeds', async () => {
    const output = await open({}, { metrics });
    server.before = (response) => answer(response, 503);
    await output.write(['net,host=a sent_bytes=1i 1000000']);
    server.before = () => false;
    await output.write([
      'net,host=a sent_bytes=1i 1000000',
      'net,host=b sent_bytes=1i 1000000',
      'mem free=1 1',
      'x y=1 1',
    ]);
    await output.write(['net,host=a sent_bytes=2i 2000000', 'mem free=2,extra=1 2000000']);
    expect(server.requests.map(({ metadata }) => metadata)).toEqual([
      [
        { type: 1, name: 'net_sent_bytes', help: 'Bytes sent', unit: 'bytes' },
        { type: 2, name: 'mem_free', help: 'Memory', unit: 'bytes' },
      ],
      [{ type: 2, name: 'mem_extra', help: 'Extra', unit: '' }],
    ]);
  });

  test('can be disabled', async () => {
    const output = await open({ metadata: false }, { metrics });
    await output.write(['mem free=1 1']);
    expect(server.requests).toMatchObject([{ metadata: [] }]);
  });
});

test('C-004: of fields whose names become equal one is sent, and the ones left out are logged', async () => {
  const log = recordingLog();
  const output = await open({}, { log });
  await output.write(['m a-b=1,a_b=2,c=3 1000000', 'm a-b=4,a_b=5,c=6 2000000']);
  await output.write(['m a_b=7 3000000']);
  await output.write(['m a_b=8,a-b=9 4000000']);
  await output.write(['m a-b=10,a_b=11 5000000']);
  const values = server.requests.map(({ series }) => series.map(({ samples }) => samples.map(([, value]) => value)));
  expect(values).toEqual([
    [
      [1, 4],
      [3, 6],
    ],
    [[7]],
    [[8]],
    [[10]],
  ]);
  expect(log.lines).toEqual([
    'warn: m.a_b is left out: m.a-b has the same name in Prometheus, m_a_b; rename one of them',
    'warn: m.a-b is left out: m.a_b has the same name in Prometheus, m_a_b; rename one of them',
  ]);
});

test('the cache of series is bounded, and clearing it changes nothing', () => {
  const table = new SeriesTable({ describe: () => undefined, limit: 3 });
  for (let round = 0; round < 5; round += 1) {
    const metrics = Array.from({ length: 4 }, (_, i): Metric => {
      const tags = Object.freeze({ host: `${round}-${i}` });
      return { name: 'a', tags, fields: { b: i }, time: BigInt(round) * 1_000_000n };
    });
    const found = table
      .group(metrics)
      .map(({ labels, times, values }) => [Buffer.from(labels).toString(), times, values]);
    expect(found).toEqual(
      metrics.map(({ tags, fields }) => [expect.stringContaining(tags['host']!), [round], [fields['b']]]),
    );
  }
});

describe('credentials', () => {
  test.each([
    [{ username: 'u', password: 'p' }, { authorization: `Basic ${Buffer.from('u:p').toString('base64')}` }],
    [{ bearer_token: 't' }, { authorization: 'Bearer t' }],
    [{ headers: { 'X-Scope-OrgID': 'ops' } }, { 'x-scope-orgid': 'ops' }],
  ])('%j are sent', async (options, expected) => {
    const output = await open(options);
    expect(await output.connect()).toBeUndefined();
    expect(server.headers).toMatchObject([expected]);
  });

  test('that are rejected keep the batch, and are in no message', async () => {
    for (const options of [
      { username: 'u', password: 'hunter2' },
      { bearer_token: 'hunter2' },
      { headers: { 'x-key': 'hunter2' } },
    ]) {
      const output = await open(options);
      server.before = (response) => {
        const sent = JSON.stringify(server.headers.at(-1));
        return answer(response, 401, { body: `you sent ${sent} and hunter2` });
      };
      const errors = [await output.write(['a b=1 1']), await output.connect()];
      for (const error of errors) {
        expect(error).toBeInstanceOf(RetryableError);
        expect(String(error)).toMatch(/(?:rejected the|requires) credentials \(401\); (?:check|set) username/);
        expect(String(error)).not.toMatch(/hunter2|dTpodW50ZXIy/);
      }
    }
  });

  test('include a tenant, as Mimir requires', async () => {
    const mimir = await startFakeRemoteWrite('ops');
    try {
      const wrong = await open({ url: mimir.url });
      expect(String(await wrong.connect())).toMatch(/RetryableError: .*headers: no org id/);
      const right = await open({ url: mimir.url, headers: { 'X-Scope-OrgID': 'ops' } });
      expect(await right.connect()).toBeUndefined();
      expect(await right.write(['a b=1 1'])).toBeUndefined();
    } finally {
      await mimir.close();
    }
  });

  test.each([
    [{ url: 'nowhere' }, /begins with http:\/\/ or https:\/\//],
    [{ url: 'ftp://a/b' }, /begins with http:\/\/ or https:\/\//],
    [{ password: 'p' }, /is missing; password requires it/],
    [{ username: 'u', bearer_token: 't' }, /not both/],
    [{ headers: { 'a b': 'c' } }, /not a valid name of an HTTP header/],
    [{ headers: { 'x-key': 'line\nbreak' } }, /that an HTTP header cannot contain/],
  ])('%j is rejected', (options, message) => {
    const { error } = prometheusRemoteWrite.config.safeParse({ url: 'http://127.0.0.1/w', ...options });
    expect(error?.message).toMatch(message);
  });
});

describe('a response', () => {
  const kinds = { PermanentError, RetryableError, TooLargeError };

  test.each([
    [400, 'out of order sample', 'PermanentError', /permanently rejected samples \(400\): out of order sample/],
    [
      400,
      'too old, from series decoded_total{proto="tcp"} (err-mimir)',
      'PermanentError',
      /permanently rejected samples/,
    ],
    [400, 'snappy: corrupt input', 'RetryableError', /answered 400 to remote write; check url/],
    [409, 'store locally for endpoint: conflict', 'PermanentError', /permanently rejected samples \(409\)/],
    [422, 'label value too long', 'PermanentError', /permanently rejected samples \(422\)/],
    [401, '', 'RetryableError', /requires credentials/],
    [403, '', 'RetryableError', /grant these credentials the permission/],
    [404, '404 page not found', 'RetryableError', /enable-remote-write-receiver/],
    [405, '', 'RetryableError', /correct url/],
    [413, 'too large', 'TooLargeError', /does not accept a request of this size \(413\)/],
    [415, '', 'RetryableError', /does not support remote write 1\.0/],
    [302, '', 'RetryableError', /set url to the final address/],
    [500, 'server error', 'RetryableError', /failed \(500\): server error/],
    [418, '', 'RetryableError', /answered 418/],
  ] as const)('%i "%s" is a %s', async (status, body, kind, text) => {
    const output = await open();
    server.before = (response) => answer(response, status, { body });
    const error = await output.write(['a b=1 1']);
    expect(error).toBeInstanceOf(kinds[kind]);
    expect((error as Error).name).toBe(kind);
    expect(String(error)).toMatch(text);
    expect(String(error)).not.toMatch(/api\/v1\/push/);
  });

  test('of an overloaded server has Retry-After', async () => {
    const output = await open({}, { clock: manualClock() });
    server.before = (response) => answer(response, 429, { headers: { 'retry-after': '7' } });
    expect(await output.write(['a b=1 1'])).toMatchObject({ name: 'RetryableError', retryAfterMs: 7000 });
  });

  test('that is a web page means the wrong address', async () => {
    const output = await open();
    server.before = (response) => answer(response, 200, { body: '<html>', headers: { 'content-type': 'text/html' } });
    expect(String(await output.write(['a b=1 1']))).toMatch(/RetryableError: .*web page \(200\).*correct url/);
    expect(String(await output.connect())).toMatch(/RetryableError/);
  });

  test('about missing samples counts as success of connect', async () => {
    const output = await open();
    server.before = (response) => answer(response, 400, { body: 'no samples' });
    expect(await output.connect()).toBeUndefined();
  });

  test('of a server that stores the valid samples makes the host bisect the batch', async () => {
    const output = await open();
    await output.write(['a,host=x b=1 5000000']);
    const error = await output.write(['a,host=x b=1 4000000', 'a,host=y b=1 4000000']);
    expect(String(error)).toMatch(/PermanentError: .*err-mimir-sample-out-of-order/);
    expect(await output.write(['a,host=y b=1 4000000'])).toBeUndefined();
  });
});

test('a response that does not arrive keeps the batch', async () => {
  const output = await open({ url: 'http://127.0.0.1:1/write' });
  expect(await output.write(['a b=1 1'])).toBeInstanceOf(RetryableError);
});

test('an abort ends the wait for a server that does not respond', async () => {
  const output = await open();
  const abort = new AbortController();
  server.before = () => {
    abort.abort(new Error('the deadline has passed'));
    return true;
  };
  expect(String(await output.write(['a b=1 1'], abort.signal))).toMatch(/RetryableError: .*the deadline has passed/);
});

function answer(
  response: ServerResponse,
  status: number,
  { body = '', headers = {} }: { readonly body?: string; readonly headers?: Record<string, string> } = {},
): true {
  response.writeHead(status, headers).end(body);
  return true;
}
