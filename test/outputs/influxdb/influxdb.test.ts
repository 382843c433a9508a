/** The output against a fake server: requests, and how it classifies responses. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { PartialWriteError, PermanentError, RetryableError, TooLargeError } from '../../../src/plugin/index.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { influxdb } from '../../../src/outputs/influxdb/index.ts';
import { outputContract } from '../../contract/output-contract.ts';
import { testBatch } from '../../support/kit/batch.ts';
import {
  startFakeInfluxDb,
  type CannedAnswer,
  type FakeInfluxDb,
  type Misbehaviour,
} from '../../support/fakes/influxdb.ts';
import { waitFor } from '../../support/servers/real-server.ts';
import { recordingLog } from '../../support/kit/recording-log.ts';
import type { OpenOutput } from '../../support/kit/open-output.ts';

import { openOutput } from './open.ts';

const LINES = [
  'cpu,host=a usage=1.5 1700000000000000000',
  'cpu,host=b usage=2i 1700000000000000001',
  'mem,host=a free=3u 2',
];
const TOKEN = 'the-secret-token';

const opened: OpenOutput[] = [];
let server: FakeInfluxDb;

beforeEach(async () => {
  server = await startFakeInfluxDb({ version: 2, authorization: `Token ${TOKEN}` });
});

afterEach(async () => {
  for (const output of opened.splice(0)) await output.close();
  await server.stop();
});

async function open(...parameters: Parameters<typeof openOutput>): Promise<OpenOutput> {
  const output = await openOutput(...parameters);
  opened.push(output);
  return output;
}

function openV2(extra: Record<string, unknown> = {}, settings: Parameters<typeof openOutput>[1] = {}) {
  return open({ url: server.url, bucket: 'telegraf', org: 'ops', token: TOKEN, ...extra }, settings);
}

describe('requests', () => {
  test('a write of version 2 is one gzip request that the strict server accepts', async () => {
    const output = await openV2({ headers: { 'X-Site': 'fra1' } });
    expect(await output.write(testBatch(LINES))).toBeUndefined();
    expect(server.violations).toEqual([]);
    expect(server.stored).toEqual(LINES);
    expect(server.writes).toHaveLength(1);
    const [write] = server.writes;
    expect(write?.query).toEqual({ bucket: 'telegraf', org: 'ops', precision: 'ns' });
    expect(write?.headers).toMatchObject({ 'content-encoding': 'gzip', 'x-site': 'fra1' });
  });

  test('the compressed bytes of the batch are sent unchanged', async () => {
    const output = await openV2();
    const batch = testBatch(LINES);
    await output.write(batch);
    expect(server.writes[0]?.bytes.equals(await batch.gzip())).toBe(true);
  });

  test('content_encoding identity sends the lines uncompressed', async () => {
    const output = await openV2({ content_encoding: 'identity' });
    const batch = testBatch(LINES);
    expect(await output.write(batch)).toBeUndefined();
    expect(server.writes[0]?.headers['content-encoding']).toBeUndefined();
    expect(server.writes[0]?.bytes.equals(batch.lines)).toBe(true);
    expect(server.violations).toEqual([]);
  });

  test('a path in the url is kept, a trailing slash is not', async () => {
    const output = await openV2({ url: `${server.url}/influx/` });
    await output.write(testBatch(LINES));
    expect(server.writes[0]?.path).toBe('/influx/api/v2/write');
  });

  test('one connection serves many writes, and stop closes it', async () => {
    const output = await openV2();
    for (let i = 0; i < 5; i += 1) await output.write(testBatch(LINES));
    expect(server.connections).toBe(1);
    await output.output.stop?.();
    // The server itself would close an idle connection after five seconds.
    await waitFor(() => server.openConnections === 0, { timeout: 2000 });
  });

  test('user and password in the url become credentials', async () => {
    await server.stop();
    server = await startFakeInfluxDb({ version: 1, authorization: `Basic ${btoa('joe:p@ss')}` });
    const output = await open({ url: server.url.replace('//', '//joe:p%40ss@'), database: 'telegraf' });
    expect(await output.write(testBatch(LINES))).toBeUndefined();
    expect(server.violations).toEqual([]);
  });
});

describe('a response', () => {
  const v2 = (status: number, message: string): CannedAnswer => ({ status, body: { code: 'x', message } });
  const retried: readonly (readonly [string, Misbehaviour, RegExp])[] = [
    ['401', v2(401, 'unauthorized access'), /rejected the credentials; check token: unauthorized access$/],
    ['403', v2(403, 'insufficient permissions'), /does not allow token to write to bucket "telegraf"; grant/],
    [
      '404 of a bucket',
      v2(404, 'bucket "telegraf" not found'),
      /has no bucket "telegraf"; create it or correct bucket/,
    ],
    ['404 of an organization', v2(404, 'organization name "ops" not found'), /correct org/],
    [
      '404 of InfluxDB 1',
      { status: 404, body: '404 page not found\n' },
      /for InfluxDB 1 set database instead of bucket/,
    ],
    ['400 without organization', v2(400, 'Please provide either orgID or org'), /set or correct org/],
    [
      '400 of VictoriaMetrics',
      { status: 400, body: 'unsupported path requested: "/x"' },
      /has no API for bucket; check url/,
    ],
    ['408', { status: 408 }, /failed \(408\)/],
    ['429', { status: 429 }, /is rate limiting \(429\)/],
    ['500', v2(500, 'internal error'), /failed \(500\): internal error/],
    ['502 as a page', { status: 502, body: '<html>Bad gateway', headers: { 'content-type': 'text/html' } }, /\(502\)$/],
    ['503', { status: 503 }, /is unavailable or overloaded/],
    ['405', { status: 405 }, /answered 405 to a write.*check url/],
    [
      '301',
      { status: 301, headers: { location: 'https://influx.example/x?a=b' } },
      /redirects \(301\) to https:\/\/influx.example\/x; set url/,
    ],
    [
      '200 with a page',
      { status: 200, body: '<html>', headers: { 'content-type': 'text/html' } },
      /is not InfluxDB; check url/,
    ],
    ['a closed connection', 'close', /closed before the answer/],
    ['a truncated response', 'close-mid-body', /closed in the middle of the response/],
    ['garbage', 'garbage', /is not HTTP/],
  ];
  test.each(retried)('%s is retried', async (_, misbehaviour, text) => {
    server.next = [misbehaviour];
    const output = await openV2();
    const error = await output.write(testBatch(LINES));
    expect(error).toBeInstanceOf(RetryableError);
    expect((error as Error).message).toMatch(text);
    expect((error as Error).message).toContain(server.url);
    expect(server.stored).toEqual([]);
    expect(await output.write(testBatch(LINES))).toBeUndefined();
    expect(server.stored).toEqual(LINES);
  });

  test.each([200, 201, 202, 204, 206])('%s is success', async (status) => {
    server.next = [{ status }];
    const output = await openV2();
    expect(await output.write(testBatch(LINES))).toBeUndefined();
  });

  test('413 makes the host send smaller batches', async () => {
    server.maxBytes = 10;
    const output = await openV2();
    expect(await output.write(testBatch(LINES))).toBeInstanceOf(TooLargeError);
  });

  test.each([400, 422])('%s is permanent if it does not identify the lines', async (status) => {
    server.next = [v2(status, "unable to parse 'something else': missing fields")];
    const output = await openV2();
    const error = await output.write(testBatch(LINES));
    expect(error).toBeInstanceOf(PermanentError);
    expect(error).not.toBeInstanceOf(TooLargeError);
  });

  test('400 of version 2 that quotes a line stores nothing, so the rest is written again', async () => {
    server.next = [v2(400, `unable to parse '${LINES[2] ?? ''}': invalid number`)];
    const output = await openV2();
    expect(await output.write(testBatch(LINES))).toMatchObject({ refused: [2], restIsStored: false });
  });

  test.each([422, 500])('a partial write with status %s identifies the rejected lines', async (status) => {
    const conflict = 'input field "usage" on measurement "cpu" is type float, already exists as type integer dropped=1';
    server.next = [v2(status, `failure writing points to database: partial write: field type conflict: ${conflict}`)];
    const output = await openV2();
    const error = await output.write(testBatch(LINES));
    expect(error).toBeInstanceOf(PartialWriteError);
    expect((error as PartialWriteError).refused).toEqual([0]);
    expect((error as Error).message).toMatch(/permanently rejected 1 of 3 lines: failure writing/);
  });

  test('a partial write of version 3 identifies the rejected lines', async () => {
    const data = [{ original_line: 'mem,host=a fre', line_number: 3, error_message: 'invalid column type' }];
    server.next = [{ status: 400, body: { error: 'partial write of line protocol occurred', data } }];
    const output = await openV2();
    expect(((await output.write(testBatch(LINES))) as PartialWriteError).refused).toEqual([2]);
  });

  test('a long response is truncated', async () => {
    server.next = [v2(500, 'x'.repeat(5000))];
    const output = await openV2();
    expect(((await output.write(testBatch(LINES))) as Error).message.length).toBeLessThan(600);
  });
});

describe('Retry-After', () => {
  const now = Date.UTC(2026, 0, 1, 12, 0, 0);
  const clock = { ...systemClock, now: () => now };

  test.each([
    ['30', 30_000],
    ['0', 0],
    ['Thu, 01 Jan 2026 12:01:30 GMT', 90_000],
    ['Thu, 01 Jan 2026 11:00:00 GMT', 0],
    ['soon', undefined],
    ['-5', undefined],
  ])('%s', async (header, expected) => {
    server.next = [
      { status: 429, headers: { 'retry-after': header } },
      { status: 503, headers: { 'retry-after': header } },
    ];
    const output = await openV2({}, { clock });
    for (let i = 0; i < 2; i += 1) {
      const error = (await output.write(testBatch(LINES))) as RetryableError;
      expect(error.retryAfterMs).toBe(expected);
    }
  });
});

describe('deadlines', () => {
  test('a request to a server that hangs is destroyed after the timeout', async () => {
    server.next = ['hang'];
    const output = await openV2({ request_timeout: '100ms' });
    const error = await output.write(testBatch(LINES));
    expect(error).toBeInstanceOf(RetryableError);
    expect((error as Error).message).toMatch(/no response within 0.1 s/);
    await waitFor(() => server.abandoned === 1 && server.openConnections === 0);
  });

  test('a slow response within the timeout is a success', async () => {
    server.next = [{ status: 204, delay: 200 }];
    const output = await openV2({ request_timeout: '20s' });
    expect(await output.write(testBatch(LINES))).toBeUndefined();
  });

  test('an abort by the host destroys the request immediately', async () => {
    server.next = ['hang'];
    const output = await openV2();
    const host = new AbortController();
    const write = output.write(testBatch(LINES), host.signal);
    await waitFor(() => server.writes.length === 1);
    host.abort(new DOMException('stop', 'AbortError'));
    expect(await write).toBe(host.signal.reason);
    await waitFor(() => server.abandoned === 1 && server.openConnections === 0);
  });

  test('sends nothing if the signal has already aborted', async () => {
    const output = await openV2();
    expect(await output.write(testBatch(LINES), AbortSignal.abort('over'))).toBe('over');
    expect(server.connections).toBe(0);
  });
});

describe('version 1', () => {
  beforeEach(async () => {
    await server.stop();
    server = await startFakeInfluxDb({ version: 1, authorization: `Basic ${btoa('joe:secret')}` });
    server.databases = new Set();
  });

  const options = () => ({ url: server.url, database: 'my "db"', username: 'joe', password: 'secret' });

  test('a missing database is created, and the write repeated', async () => {
    const log = recordingLog();
    const output = await open({ ...options(), retention_policy: 'week' }, { log });
    expect(await output.write(testBatch(LINES))).toBeUndefined();
    expect(server.statements).toEqual(['CREATE DATABASE "my \\"db\\""']);
    expect(server.stored).toEqual(LINES);
    expect(server.writes[0]?.query).toEqual({ db: 'my "db"', rp: 'week', precision: 'ns' });
    expect(server.violations).toEqual([]);
    expect(log.lines).toEqual(['info: Created the missing database']);
  });

  test('a missing database is not created with skip_database_creation', async () => {
    const output = await open({ ...options(), skip_database_creation: true });
    const error = await output.write(testBatch(LINES));
    expect(error).toBeInstanceOf(RetryableError);
    expect((error as Error).message).toMatch(/has no database "my "db""; create it or correct database/);
    expect(server.statements).toEqual([]);
  });

  test('a creation that fails with status 200 is reported', async () => {
    server.creationError = 'joe may not do that';
    const output = await open(options());
    const error = await output.write(testBatch(LINES));
    expect(error).toBeInstanceOf(RetryableError);
    expect((error as Error).message).toMatch(
      /healthd is not allowed to create it \(200\): joe may not do that; create it, or use/,
    );
    expect(server.stored).toEqual([]);
  });

  test('an unknown retention policy is a configuration error, not an error of the lines', async () => {
    server.next = [{ status: 400, body: { error: 'retention policy not found: week' } }];
    const output = await open(options());
    const error = await output.write(testBatch(LINES));
    expect(error).toBeInstanceOf(RetryableError);
    expect((error as Error).message).toMatch(/correct retention_policy/);
  });

  test('rejected lines are identified; the others are stored', async () => {
    server.databases = undefined;
    server.refuse = (line) => (line.includes('3u') ? 'invalid number' : undefined);
    const output = await open(options());
    const error = await output.write(testBatch(LINES));
    expect(error).toBeInstanceOf(PartialWriteError);
    expect((error as PartialWriteError).refused).toEqual([2]);
    expect(server.stored).toEqual(LINES.slice(0, 2));
  });
});

describe('connect', () => {
  test('writes nothing', async () => {
    const output = await openV2();
    expect(await output.connect()).toBeUndefined();
    expect(server.writes.map(({ body }) => body)).toEqual(['']);
    expect(server.violations).toEqual([]);
  });

  test('an error about missing lines counts as success', async () => {
    server.next = [{ status: 400, body: { code: 'invalid', message: 'writing requires points' } }];
    const output = await openV2();
    expect(await output.connect()).toBeUndefined();
  });

  test('reports which option is wrong', async () => {
    const output = await openV2({ token: 'another-token' });
    expect(String(await output.connect())).toMatch(/rejected the credentials; check token/);
    const anonymous = await openV2({ token: undefined });
    expect(String(await anonymous.connect())).toMatch(/requires credentials; set token/);
  });

  test('reports that nothing listens', async () => {
    const { url } = server;
    await server.stop();
    const output = await openV2();
    const error = await output.connect();
    expect(error).toBeInstanceOf(RetryableError);
    expect((error as Error).message).toBe(
      `${url}: nothing listens there; start InfluxDB or correct url (ECONNREFUSED)`,
    );
    expect((error as Error).cause).toBeDefined();
  });
});

describe('secrets', () => {
  test.each<[string, Misbehaviour]>([
    ['a response that echoes the token', { status: 401, body: { message: `bad ${TOKEN} and Token abcdefghijk` } }],
    ['a redirect with credentials', { status: 302, headers: { location: `http://joe:${TOKEN}@there/` } }],
    ['a page that echoes a header', { status: 500, body: 'got header-secret' }],
  ])('%s is redacted', async (_, misbehaviour) => {
    server.next = [misbehaviour];
    const output = await openV2({
      headers: { 'X-Key': 'header-secret' },
      url: server.url.replace('//', '//me:url-secret@'),
    });
    const { message } = (await output.write(testBatch(LINES))) as Error;
    expect(message).toMatch(/\*\*\*/);
    expect(message).not.toMatch(/secret|abcdefghijk/);
  });
});

describe.each([
  [1, { database: 'telegraf' }],
  [2, { bucket: 'telegraf', org: 'ops', content_encoding: 'identity' }],
] as const)('version %i fulfils the contract: it', (version, target) => {
  outputContract(
    () => Promise.resolve(influxdb),
    async () => {
      const destination = await startFakeInfluxDb({ version });
      return {
        options: { url: destination.url, ...target },
        received: () => Buffer.from(destination.writes.map(({ body }) => body).join('')),
        close: () => destination.stop(),
      };
    },
  );
});

describe('the name "time"', () => {
  test('S-019: fields and tags with it are renamed, with one warning, and positions of refused lines stay right', async () => {
    const log = recordingLog();
    const output = await openV2({}, { log });
    const lines = ['m v=1 1', 'job,time=day duration=2,time="12:00" 2', 'm text=" time=1" 3', 'job time=5i 4'];
    expect(await output.write(testBatch(lines))).toBeUndefined();
    expect(await output.write(testBatch(lines.slice(1)))).toBeUndefined();
    const renamed = ['job,time_=day duration=2,time_="12:00" 2', 'm text=" time=1" 3', 'job time_=5i 4'];
    expect(server.stored).toEqual(['m v=1 1', ...renamed, ...renamed]);
    expect(log.lines).toEqual([
      'warn: InfluxDB reserves the name "time": fields and tags with it are written as "time_"',
    ]);
    server.next = [{ status: 400, body: { code: 'invalid', message: "unable to parse 'job time_=5i 4': odd" } }];
    expect(await output.write(testBatch(lines))).toMatchObject({ refused: [3] });
  });
});

describe('a database that does not exist', () => {
  test('S-013: a test of the connection creates none', async () => {
    const v1 = await startFakeInfluxDb({ version: 1 });
    v1.databases = new Set();
    const log = recordingLog();
    const output = await openOutput({ url: v1.url, database: 'telegarf' }, { log });
    expect(await output.connect()).toBeUndefined();
    expect(v1.statements).toEqual([]);
    expect(log.lines).toEqual(['info: There is no database "telegarf" yet; the first write creates it']);
    expect(await output.write(testBatch(LINES))).toBeUndefined();
    expect(v1.statements).toEqual(['CREATE DATABASE "telegarf"']);
    await output.close();
    await v1.stop();
  });

  test('S-020: in InfluxDB 2 without a mapping the remedy is a bucket', async () => {
    server.next = [{ status: 404, body: { code: 'not found', message: 'unable to find DBRP' } }];
    const output = await openOutput({ url: server.url, database: 'telegraf', token: 't' });
    const error = await output.write(testBatch(LINES));
    expect(error?.name).toBe('RetryableError');
    expect(error?.message).toMatch(/has no mapping from database "telegraf" to a bucket; set bucket, org and token/);
    await output.close();
  });
});
