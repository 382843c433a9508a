import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { isolateRefused } from '../../../src/deliver/isolate.ts';
import { LineBatch } from '../../../src/metric/batch.ts';
import { loki } from '../../../src/outputs/loki/index.ts';
import { PermanentError, RetryableError, TooLargeError, type Batch, type z } from '../../../src/plugin/index.ts';
import { outputContract } from '../../contract/output-contract.ts';
import { testBatch } from '../../support/kit/batch.ts';
import { startFakeLoki, type FakeLoki } from '../../support/fakes/loki.ts';
import type { FakeReply } from '../../support/fakes/http.ts';
import { openOutput, type OpenOutput } from '../../support/kit/open-output.ts';
import { freePort, waitFor } from '../../support/servers/real-server.ts';

type Options = z.input<typeof loki.config>;

const SECOND = 1_000_000_000n;
/** Nanoseconds; shortly before the clock of the fake. */
const TIME = 1_700_000_000n * SECOND;
const LOG = `healthd_log,host=a,level=error,source=output:x message="cannot write",severity_code=3i,count=2i ${TIME}`;
const CPU = `cpu,cpu=cpu0,host=a usage_idle=99.5,n=9007199254740993i,up=true ${TIME}`;

let server: FakeLoki;

beforeEach(async () => {
  server = await startFakeLoki();
});

afterEach(() => server.close());

async function withOutput<Result>(options: Options, body: (output: OpenOutput) => Promise<Result>): Promise<Result> {
  const output = await openOutput(loki, { url: server.url, ...options });
  try {
    return await body(output);
  } finally {
    await output.close();
  }
}

const write = (lines: readonly string[], options: Options = {}) =>
  withOutput(options, (output) => output.write(testBatch(lines)));

async function writeWithReply(reply: FakeReply, options: Options = {}): Promise<Error | undefined> {
  server.next = [reply];
  return write([LOG], options);
}

describe('contract', () => {
  /** Expected entry in Loki → line protocol of the contract. */
  const CONTRACT_LINES = new Map([
    [
      '{host="a", job="healthd", measurement="cpu"} 1700000000000000001 usage_idle=99.5 n=9007199254740993 cpu=cpu0',
      'cpu,cpu=cpu0,host=a usage_idle=99.5,n=9007199254740993i 1700000000000000001',
    ],
    [
      '{job="healthd", measurement="we ather"} 1700000000000000002 ' +
        'wet=true note="a \\"quoted\\" back\\\\slash" ci,ty="M=ünchen" emoji=🌧',
      'we\\ ather,ci\\,ty=M\\=ünchen,emoji=🌧 wet=true,note="a \\"quoted\\" back\\\\slash" 1700000000000000002',
    ],
    [
      '{host="b", job="healthd", measurement="log"} 1700000000000000003 text="two\\nlines" 语言=中文',
      'log,host=b text="two\nlines",语言="中文" 1700000000000000003',
    ],
    ['{host="a", job="healthd", measurement="cpu"} 1 n=1', 'cpu,host=a n=1i 1'],
  ]);

  outputContract(
    () => Promise.resolve(loki),
    async () => {
      const fake = await startFakeLoki();
      // One line of the contract is from 1970.
      fake.next = Array.from({ length: 5 }, () => ({ status: 204 }));
      const entries = () =>
        fake.requests.flatMap(({ body }) => {
          const { streams } = JSON.parse(body) as { streams: { stream: object; values: [string, string][] }[] };
          return streams.flatMap(({ stream, values }) =>
            values.map((value) => `${labelsText(stream)} ${value.join(' ')}`),
          );
        });
      return {
        options: { url: fake.url },
        received: () =>
          Buffer.from(
            entries()
              .map((entry) => `${CONTRACT_LINES.get(entry) ?? `unexpected: ${entry}`}\n`)
              .join(''),
          ),
        close: () => fake.close(),
      };
    },
  );
});

function labelsText(stream: object): string {
  const pairs = Object.entries(stream).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `{${pairs.sort().join(', ')}}`;
}

describe('S-014: the limit of active streams', () => {
  const level = (name: string, text: string) => `healthd_log,host=a,level=${name} message="${text}" ${TIME}`;

  test('refuses the lines of new streams alone, with advice, and the others go on', async () => {
    expect(await write([level('error', 'first')])).toBeUndefined();
    server.maxStreams = 1;
    const error = await write([level('debug', 'a'), level('error', 'second'), level('info', 'b')]);
    expect(error).toMatchObject({ name: 'PartialWriteError', refused: [0, 2], restIsStored: true });
    expect(error?.message).toMatch(/accepts no more streams \(429\); use fewer tags in labels, or raise max_global/);
    expect(server.lines()).toEqual(['first', 'second']);
  });

  test('of a batch with very many streams is found by halving it', async () => {
    server.maxStreams = 1;
    const lines = Array.from({ length: 150 }, (_, index) => level(`l${index}`, 'x'));
    await withOutput({}, async ({ output }) => {
      const batch = new LineBatch(Buffer.from(lines.map((line) => `${line}\n`).join('')), lines.length);
      const refusals = await isolateRefused(batch, (part) => output.write(part, new AbortController().signal));
      expect(refusals.flatMap((refusal) => refusal.lines)).toHaveLength(149);
    });
  });
});

describe('lines', () => {
  test('of log records are their text, followed by the other fields', async () => {
    expect(await write([LOG])).toBeUndefined();
    expect([...server.streams.keys()]).toEqual([
      'fake {host="a", job="healthd", level="error", measurement="healthd_log", source="output:x"}',
    ]);
    expect(server.lines()).toEqual(['cannot write severity_code=3 count=2']);
  });

  test('of metrics are their fields and the tags that are not labels', async () => {
    expect(await write([CPU])).toBeUndefined();
    expect(server.lines()).toEqual(['usage_idle=99.5 n=9007199254740993 up=true cpu=cpu0']);
  });

  test('have structured metadata for everything except the text, with structured_metadata', async () => {
    expect(await write([LOG, CPU], { structured_metadata: true })).toBeUndefined();
    const entries = [...server.streams.values()].flatMap((stream) => [...stream.values()].flat());
    expect(entries).toEqual([
      { line: 'cannot write', metadata: { severity_code: '3', count: '2' } },
      { line: 'usage_idle=99.5 n=9007199254740993 up=true cpu=cpu0', metadata: { cpu: 'cpu0' } },
    ]);
  });

  test('S-003: lines that differ only in their tags stay apart, with structured_metadata', async () => {
    const lines = ['sda', 'sdb', 'sdc'].map((name) => `diskio,host=a,name=${name} reads=0i ${TIME}`);
    expect(await write(lines, { structured_metadata: true })).toBeUndefined();
    expect(server.lines()).toEqual(['reads=0 name=sda', 'reads=0 name=sdb', 'reads=0 name=sdc']);
  });

  test('keep both values if two names become equal as metadata', async () => {
    expect(await write([`m,a.b=1,a_b=2 n=3 ${TIME}`], { structured_metadata: true })).toBeUndefined();
    const entries = [...server.streams.values()].flatMap((stream) => [...stream.values()].flat());
    expect(entries).toEqual([{ line: 'n=3 a.b=1 a_b=2', metadata: { a_b: '1' } }]);
  });

  test.each([
    ['a\\ b="c d"', 'a_b="c d"'],
    ['a=""', 'a=""'],
    ['a="x=y"', 'a="x=y"'],
    ['a="tab\tend"', 'a="tab\\tend"'],
    ['a="c:\\\\dir"', 'a="c:\\\\dir"'],
  ])('%s is %s', async (field, text) => {
    await write([`m ${field} ${TIME}`]);
    expect(server.lines()).toEqual([text]);
  });
});

describe('streams', () => {
  test('are one per combination of labels, with entries in order of time', async () => {
    const at = (second: bigint, host: string) => `m,host=${host} s=${second}i ${TIME + second * SECOND}`;
    expect(await write([at(3n, 'a'), at(1n, 'b'), at(2n, 'a'), at(1n, 'a')])).toBeUndefined();
    const { streams } = JSON.parse(server.requests[0]?.body ?? '') as { streams: { values: unknown[][] }[] };
    expect(streams.map(({ values }) => values.map(([, line]) => line))).toEqual([['s=1', 's=2', 's=3'], ['s=1']]);
  });

  test('have the configured labels, with valid names', async () => {
    await write([`m,1st=x,app.kubernetes.io/name=web,__own=y,pod=p v=1 ${TIME}`], {
      labels: ['1st', 'app.*', '__*'],
      static_labels: { env: 'prod' },
    });
    expect([...server.streams.keys()]).toEqual([
      'fake {_1st="x", _own="y", app_kubernetes_io_name="web", env="prod", measurement="m"}',
    ]);
    expect(server.lines()).toEqual(['v=1 pod=p']);
  });

  test('keep static labels if a tag has the same name', async () => {
    await write([`m,job=other,measurement=x v=1 ${TIME}`], { labels: ['*'] });
    expect([...server.streams.keys()]).toEqual(['fake {job="healthd", measurement="m"}']);
    expect(server.lines()).toEqual(['v=1 job=other measurement=x']);
  });

  test('stay within the limits of Loki for number and length of labels', async () => {
    const tags = Array.from({ length: 20 }, (_, index) => `t${String(index).padStart(2, '0')}=${index}`).join(',');
    expect(await write([`m,${tags} v=1 ${TIME}`], { labels: ['t*'] })).toBeUndefined();
    expect(server.lines()).toEqual(['v=1 t13=13 t14=14 t15=15 t16=16 t17=17 t18=18 t19=19']);
    expect(await write([`m,host=${'ü'.repeat(3000)} v=1 ${TIME}`])).toBeUndefined();
  });
});

describe('requests', () => {
  test('are compressed, and have tenant and credentials', async () => {
    const strict = await startFakeLoki({ hasTenants: true, authorization: `Basic ${btoa('joe:p')}` });
    const options = { url: strict.url, tenant: 'team-a', username: 'joe', password: 'p' };
    expect(await write([LOG], options)).toBeUndefined();
    expect(strict.requests[0]?.headers['content-encoding']).toBe('gzip');
    expect([...strict.streams.keys()][0]).toMatch(/^team-a /);
    const withoutTenant = await write([LOG], { ...options, tenant: undefined });
    expect(withoutTenant).toBeInstanceOf(RetryableError);
    expect(withoutTenant?.message).toMatch(/rejected the credentials \(401\); check .* or tenant: no org id/);
    await strict.close();
  });

  test('have the path of a gateway in front of the API path', async () => {
    await write([LOG], { url: `${server.url}/logs/`, content_encoding: 'identity' });
    expect(server.requests[0]?.path).toBe('/logs/loki/api/v1/push');
    expect(server.requests[0]?.headers['content-encoding']).toBeUndefined();
  });
});

describe('a rejection', () => {
  const WEEKS_AGO = TIME - 21n * 24n * 3600n * SECOND;

  async function deadLetters(lines: readonly string[], options: Options = {}): Promise<readonly string[]> {
    const { lines: bytes, size } = testBatch(lines);
    const refusals = await withOutput(options, (output) =>
      isolateRefused(new LineBatch(bytes, size), async (part: Batch) => {
        const error = await output.write(part);
        if (error !== undefined) throw error;
      }),
    );
    return refusals.flatMap((refusal) => refusal.lines);
  }

  test.each([
    ['too old', `m,host=a old=1i ${WEEKS_AGO}`],
    ['too new', `m,host=a new=1i ${TIME + 3600n * SECOND}`],
    ['too far behind the others', `m,host=a late=1i ${TIME - 7200n * SECOND}`],
    ['too long', `m,host=a text="${'x'.repeat(300_000)}" ${TIME}`],
  ])('of a line that is %s is isolated; the rest is stored once', async (_, bad) => {
    const good = Array.from({ length: 20 }, (__, index) => `m,host=a v=${index}i ${TIME + BigInt(index)}`);
    // In a request of its own, so that the late line is late.
    expect(await write(good.slice(0, 1))).toBeUndefined();
    expect(await deadLetters([...good.slice(0, 7), bad, ...good.slice(7)])).toEqual([bad]);
    expect([...server.lines()].sort()).toEqual(good.map((__, index) => `v=${index}`).sort());
  });

  test('is reported with the message of Loki', async () => {
    const error = await write([`m,host=a v=1i ${WEEKS_AGO}`]);
    expect(error).toBeInstanceOf(PermanentError);
    expect(error?.message).toMatch(/^127\.0\.0\.1:\d+ permanently rejected lines \(400\): entry for stream .* too old/);
  });

  test('for the rate limit makes the whole batch retry, without duplicates', async () => {
    server.isLimited = (labels) => labels.includes('host="b"');
    const lines = [`m,host=a v=1 ${TIME}`, `m,host=b v=2 ${TIME}`];
    const error = await write(lines);
    expect(error).toBeInstanceOf(RetryableError);
    expect(error?.message).toMatch(/is rate limiting \(429\): Per stream rate limit exceeded/);
    expect(server.lines()).toEqual(['v=1']);
    server.isLimited = () => false;
    expect(await write(lines)).toBeUndefined();
    expect(server.lines()).toEqual(['v=1', 'v=2']);
  });

  test('because of a setting is not permanent', async () => {
    server.takesMetadata = false;
    const error = await write([LOG], { structured_metadata: true });
    expect(error).toBeInstanceOf(RetryableError);
    expect(error?.message).toMatch(/does not accept structured metadata; set structured_metadata: false \(400\)/);
  });

  test('of a request that is too large makes the host split the batch', async () => {
    server.maxBytes = 50;
    expect(await write([LOG])).toBeInstanceOf(TooLargeError);
    const body = 'rpc error: code = ResourceExhausted desc = grpc: received message larger than max (5 vs. 4)';
    expect(await writeWithReply({ status: 500, body })).toBeInstanceOf(TooLargeError);
  });
});

describe('another response', () => {
  test.each<[FakeReply, RegExp]>([
    ['reset', /closed before the answer/],
    [{ status: 200, body: '<!doctype html><title>Sign in' }, /answered 200, which Loki never does; check url$/],
    [{ status: 260, body: 'ingestion blocked for user a until later' }, /has blocked this tenant \(260\)/],
    [{ status: 302 }, /redirects \(302\)/],
    [{ status: 400, body: 'missing required labels env for user a' }, /requires labels that are missing; add them/],
    [{ status: 401 }, /requires credentials \(401\); set username and password, bearer_token or tenant/],
    [{ status: 403 }, /denied access \(403\); grant these credentials the permission/],
    [{ status: 404 }, /has no Loki push API; check url \(404\)/],
    [{ status: 500, body: 'empty ring' }, /failed \(500\): empty ring/],
    [{ status: 503 }, /is unavailable or overloaded/],
  ])('%j is retried', async (reply, text) => {
    const error = await writeWithReply(reply);
    expect(error).toBeInstanceOf(RetryableError);
    expect(error?.message).toMatch(text);
  });

  test('200 is success, for compatible services', async () => {
    expect(await writeWithReply({ status: 200, body: '{}' })).toBeUndefined();
  });

  test('that does not arrive is reported', async () => {
    const error = await write([LOG], { url: `http://127.0.0.1:${await freePort()}` });
    expect(error).toBeInstanceOf(RetryableError);
    expect(error?.message).toMatch(/nothing listens there/);
  });

  test('that is slow is abandoned when the signal aborts', async () => {
    server.next = ['hang'];
    const controller = new AbortController();
    await withOutput({}, async (output) => {
      const writing = output.write(testBatch([LOG]), controller.signal);
      await waitFor(() => server.requests.length === 1);
      controller.abort(new Error('the deadline has passed'));
      expect((await writing)?.message).toMatch(/the deadline has passed/);
    });
  });

  test('is quoted without secrets', async () => {
    const options = { bearer_token: 's3cr3t-token', headers: { 'X-Key': 's3cr3t-header' }, tenant: 's3cr3t-tenant' };
    for (const status of [400, 401, 404, 500]) {
      const error = await writeWithReply(
        { status, body: 'you sent s3cr3t-token, s3cr3t-header, s3cr3t-tenant' },
        options,
      );
      expect(error?.message).toContain('you sent ***, ***, ***');
    }
  });
});

describe('connect', () => {
  const connect = () => withOutput({}, (output) => output.connect());

  test('sends no lines, and accepts an error about missing lines', async () => {
    expect(await connect()).toBeUndefined();
    expect(server.requests[0]?.body).toBe('{"streams":[]}');
    server.next = [{ status: 204 }];
    expect(await connect()).toBeUndefined();
  });

  test('reports wrong credentials and wrong paths', async () => {
    for (const status of [401, 404, 503]) {
      server.next = [{ status }];
      expect(await connect()).toBeInstanceOf(RetryableError);
    }
  });
});

test.each([
  [{ url: 'http://h/?x=s3cr3t' }, /^must not have a query \("\?"\)/],
  [{ static_labels: { 'a-b': 'x' } }, /./],
  [{ static_labels: { __own: 'x' } }, /./],
  [{ tenant: 'a\nb' }, /^has characters that an HTTP header cannot contain/],
])('%j is rejected', (options, message) => {
  const text = loki.config.safeParse(options).error?.issues[0]?.message;
  expect(text).toMatch(message);
  expect(text).not.toContain('s3cr3t');
});
