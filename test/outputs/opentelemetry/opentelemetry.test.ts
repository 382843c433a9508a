/** The output against a strict fake, since no collector is available. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { systemClock } from '../../../src/core/clock.ts';
import { opentelemetry } from '../../../src/outputs/opentelemetry/index.ts';
import { ucum } from '../../../src/outputs/opentelemetry/units.ts';
import {
  PartialWriteError,
  PermanentError,
  RetryableError,
  TooLargeError,
  type MetricCatalog,
} from '../../../src/plugin/index.ts';
import { outputContract } from '../../contract/output-contract.ts';
import { testBatch } from '../../support/kit/batch.ts';
import { certificateFiles, selfSigned } from '../../support/kit/certificate.ts';
import { startFakeOtlp, type CannedAnswer, type FakeOtlp } from '../../support/fakes/otlp.ts';
import type { TestSettings } from '../../../src/testing.ts';
import { issues, openOutput, type OpenOutput } from '../../support/kit/open-output.ts';
import { freePort } from '../../support/servers/real-server.ts';
import { recordingLog } from '../../support/kit/recording-log.ts';

const BATCH = testBatch(['cpu,host=a usage=1.5 1', 'cpu,host=a usage=2.5 2', 'mem,host=b free=3i 3']);
const SECRET = 'the-secret-key';

const METRICS: MetricCatalog = {
  cpu: { fields: { usage: { type: 'float', unit: 'percent', help: 'Share of time in use' } } },
  net: {
    kind: 'counter',
    fields: {
      bytes_recv: { type: 'int', unit: 'bytes', help: 'Bytes received' },
      up: { type: 'bool', help: 'Whether the link is up', kind: 'gauge' },
    },
    dynamic: { type: 'int', unit: 'packets', help: 'A counter of the driver' },
  },
};

let server: FakeOtlp;
const opened: OpenOutput[] = [];

beforeEach(async () => {
  server = await startFakeOtlp();
});

afterEach(async () => {
  for (const output of opened.splice(0)) await output.close();
  await server.stop();
});

async function open(options: object = {}, settings: TestSettings = {}): Promise<OpenOutput> {
  const output = await openOutput(opentelemetry, { url: server.url, ...options }, settings);
  opened.push(output);
  return output;
}

describe('contract', () => {
  outputContract(
    () => Promise.resolve(opentelemetry),
    () => ({ options: { url: server.url }, received: () => undefined, close() {} }),
  );
});

describe('requests', () => {
  test('S-002: one resource per host, with an instance of its own; kinds, units and help from the catalog; exact 64-bit integers', async () => {
    const output = await open({ attributes: { 'deployment.environment.name': 'prod' } }, { metrics: METRICS });
    const lines = [
      'cpu,host=a,cpu=cpu0 usage=1.5 1700000000000000001',
      'cpu,host=a,cpu=cpu1 usage=2 1700000000000000001',
      'net,host=b bytes_recv=9007199254740993i,up=true,rx_errs=0i,duplex="full" 1700000000000000002',
      'other value=18446744073709551615u 3',
    ];
    expect(await output.write(testBatch(lines))).toBeUndefined();
    expect(server.violations).toEqual([]);
    const [request] = server.requests;
    expect(request?.headers['content-encoding']).toBe('gzip');
    const own = [
      { key: 'service.name', value: { stringValue: 'healthd' } },
      { key: 'deployment.environment.name', value: { stringValue: 'prod' } },
    ];
    const ofHost = (host: string) => [
      own[0],
      { key: 'host.name', value: { stringValue: host } },
      { key: 'service.instance.id', value: { stringValue: host } },
      own[1],
    ];
    const ofCpu = (cpu: string) => [{ key: 'cpu', value: { stringValue: cpu } }];
    const at = (timeUnixNano: string) => ({ attributes: [], timeUnixNano });
    const scope = { name: 'healthd' };
    const sum = (dataPoints: object[]) => ({ sum: { dataPoints, aggregationTemporality: 2, isMonotonic: true } });
    expect(request?.body.resourceMetrics).toEqual([
      {
        resource: { attributes: ofHost('a') },
        scopeMetrics: [
          {
            scope,
            metrics: [
              {
                name: 'cpu_usage',
                description: 'Share of time in use',
                unit: '%',
                gauge: {
                  dataPoints: [
                    { attributes: ofCpu('cpu0'), timeUnixNano: '1700000000000000001', asDouble: 1.5 },
                    { attributes: ofCpu('cpu1'), timeUnixNano: '1700000000000000001', asDouble: 2 },
                  ],
                },
              },
            ],
          },
        ],
      },
      {
        resource: { attributes: ofHost('b') },
        scopeMetrics: [
          {
            scope,
            metrics: [
              {
                name: 'net_bytes_recv',
                description: 'Bytes received',
                unit: 'By',
                ...sum([{ ...at('1700000000000000002'), asInt: '9007199254740993' }]),
              },
              {
                name: 'net_up',
                description: 'Whether the link is up',
                gauge: { dataPoints: [{ ...at('1700000000000000002'), asInt: '1' }] },
              },
              {
                name: 'net_rx_errs',
                description: 'A counter of the driver',
                unit: '{packet}',
                ...sum([{ ...at('1700000000000000002'), asInt: '0' }]),
              },
            ],
          },
        ],
      },
      {
        resource: { attributes: own },
        scopeMetrics: [
          { scope, metrics: [{ name: 'other_value', gauge: { dataPoints: [{ ...at('3'), asDouble: 2 ** 64 }] } }] },
        ],
      },
    ]);
  });

  test('strings and log records are not sent as metrics', async () => {
    const output = await open();
    const record = 'healthd_log,host=a,level=warn message="x",severity_code=4i 1';
    expect(await output.write(testBatch([record, 'system,host=a uptime_format="1 day" 2']))).toBeUndefined();
    expect(server.requests).toEqual([]);
  });

  test('log records go to logs_url', async () => {
    const output = await open({ logs_url: server.url });
    const record =
      'healthd_log,host=a,level=warn,source=cpu message="no /proc",severity_code=4i,count=2i,x=true,big=18446744073709551615u 1';
    expect(await output.write(testBatch(['m,host=a v=1 1', record, 'log message="bare" 3']))).toBeUndefined();
    expect(server.violations).toEqual([]);
    expect(server.requests).toHaveLength(1);
    expect(server.logs[0]?.resourceLogs.map(({ scopeLogs }) => scopeLogs[0]?.logRecords)).toEqual([
      [
        {
          timeUnixNano: '1',
          observedTimeUnixNano: '1',
          severityNumber: 13,
          severityText: 'warn',
          body: { stringValue: 'no /proc' },
          attributes: [
            { key: 'count', value: { intValue: '2' } },
            { key: 'x', value: { boolValue: true } },
            { key: 'big', value: { doubleValue: 2 ** 64 } },
            { key: 'source', value: { stringValue: 'cpu' } },
            { key: 'measurement', value: { stringValue: 'healthd_log' } },
          ],
        },
      ],
      [
        {
          timeUnixNano: '3',
          observedTimeUnixNano: '3',
          body: { stringValue: 'bare' },
          attributes: [{ key: 'measurement', value: { stringValue: 'log' } }],
        },
      ],
    ]);
    expect(await output.connect()).toBeUndefined();
    expect(server.logs[1]).toEqual({ resourceLogs: [] });
  });

  test('S-011: log records can be sent alone', async () => {
    const output = await open({ url: false, logs_url: server.url });
    expect(await output.connect()).toBeUndefined();
    expect(await output.write(testBatch(['m,host=a v=1 1', 'log,host=a message="x" 2']))).toBeUndefined();
    expect(server.requests).toEqual([]);
    expect(server.logs.map(({ resourceLogs }) => resourceLogs.length)).toEqual([0, 1]);
    expect(issues(opentelemetry, { url: false })).toEqual([
      'logs_url: is missing; with url: false nothing would be sent',
    ]);
  });

  test('S-012: protobuf has the same content as JSON', async () => {
    const lines = [
      'cpu,host=a,cpu=cpu0 usage=-1.5,zero=0 1700000000000000001',
      'net,host=b bytes_recv=9007199254740993i,up=false,rx_errs=-7i 1700000000000000002',
      'odd,host=ü\\ 🌧 big=18446744073709551615u,least=-9223372036854775808i 3',
      'healthd_log,host=a,level=warn message="no /proc ü",severity_code=4i,count=-2i,x=true,r=0.5 1',
    ];
    for (const encoding of ['json', 'protobuf'] as const) {
      const output = await open({ logs_url: server.url, encoding }, { metrics: METRICS });
      expect(await output.connect()).toBeUndefined();
      expect(await output.write(testBatch(lines))).toBeUndefined();
    }
    expect(server.violations).toEqual([]);
    const [, metrics, , sameMetrics] = server.requests.map(({ body }) => body);
    const [, logs, , sameLogs] = server.logs;
    expect(metrics?.resourceMetrics).toHaveLength(3);
    expect([sameMetrics, sameLogs]).toEqual([metrics, logs]);
    expect(server.requests[3]?.headers['content-type']).toBe('application/x-protobuf');
  });

  test('a path in the url is kept, headers are sent, and compression can be disabled', async () => {
    const output = await open({ url: `${server.url}/v1/metrics`, headers: { 'X-Key': SECRET }, compression: 'none' });
    expect(await output.write(BATCH)).toBeUndefined();
    expect(server.requests[0]?.headers).toMatchObject({ 'x-key': SECRET, 'content-type': 'application/json' });
    expect(server.requests[0]?.headers['content-encoding']).toBeUndefined();
    const elsewhere = await open({ url: `${server.url}/api/otlp` });
    await elsewhere.write(BATCH);
    expect(server.violations).toEqual(['POST /api/otlp']);
  });

  test('connect sends a request without metrics', async () => {
    expect(await (await open()).connect()).toBeUndefined();
    expect(server.requests.map(({ body }) => body)).toEqual([{ resourceMetrics: [] }]);
  });

  test.each([
    ['percent', '%'],
    ['bytes', 'By'],
    ['ms', 'ms'],
    ['celsius', 'Cel'],
    ['packets', '{packet}'],
    ['switches', '{switch}'],
    ['processes', '{process}'],
    ['B', 'By'],
    ['GiB', 'GiBy'],
    ['requests/s', '{request}/s'],
    ['°C', 'Cel'],
    ['dB[W]', 'dB[W]'],
    ['kPa', 'kPa'],
    ['µT', ''],
    ['bytes, on some lines', ''],
    ['', ''],
  ])('S-024: unit %s is %s', (unit, expected) => {
    expect(ucum(unit)).toBe(expected);
  });
});

describe('a response', () => {
  const page: CannedAnswer = { status: 200, body: '<html>', headers: { 'content-type': 'text/html' } };
  const cases: readonly (readonly [string, CannedAnswer, typeof RetryableError | typeof PermanentError, RegExp])[] = [
    ['400', { status: 400, body: { code: 3, message: 'bad data' } }, PermanentError, /answered 400: bad data$/],
    ['401', { status: 401, body: `no ${SECRET}` }, RetryableError, /rejected the credentials; check headers/],
    ['404', { status: 404 }, RetryableError, /has no OTLP endpoint at this path; check url \(404\)$/],
    ['301', { status: 301 }, RetryableError, /it redirects: set url to the final address/],
    ['408', { status: 408 }, RetryableError, /answered 408$/],
    ['413', { status: 413 }, TooLargeError, /answered 413$/],
    ['422', { status: 422, body: 'x'.repeat(5000) }, PermanentError, /answered 422: x{300}…$/],
    ['429', { status: 429 }, RetryableError, /answered 429$/],
    ['500', { status: 500, body: `key ${SECRET} broke it` }, PermanentError, /answered 500: key \*\*\* broke it$/],
    ['502', { status: 502, body: '<html>', headers: page.headers ?? {} }, RetryableError, /answered 502$/],
    ['503', { status: 503, body: { code: 14, message: 'busy' } }, RetryableError, /answered 503: busy$/],
    ['504', { status: 504 }, RetryableError, /answered 504$/],
    ['522', { status: 522 }, RetryableError, /answered 522$/],
    ['200 with a page', page, RetryableError, /is not OTLP; check url$/],
  ];
  test.each(cases)('%s', async (_, answer, type, text) => {
    server.next = [answer];
    const output = await open({ headers: { authorization: `Bearer ${SECRET}` } });
    const error = (await output.write(BATCH)) as Error;
    expect(error).toBeInstanceOf(type);
    expect(error.message).toMatch(text);
    expect(error.message).toContain(server.url);
    expect(error.message).not.toContain(SECRET);
  });

  test.each([
    ['30', 30_000],
    ['Thu, 01 Jan 2026 12:01:30 GMT', 90_000],
    ['soon', undefined],
  ])('Retry-After: %s', async (header, expected) => {
    server.next = [{ status: 503, headers: { 'retry-after': header } }];
    const now = Date.UTC(2026, 0, 1, 12, 0, 0);
    const output = await open({}, { clock: { ...systemClock, now: () => now } });
    expect(((await output.write(BATCH)) as RetryableError).retryAfterMs).toBe(expected);
  });

  test.each(['2', 2])(
    'some rejected (%j): counts as delivered, with a warning, because the response does not identify them',
    async (n) => {
      server.next = [{ status: 200, body: { partialSuccess: { rejectedDataPoints: n, errorMessage: 'too old' } } }];
      const log = recordingLog();
      expect(await (await open({}, { log })).write(BATCH)).toBeUndefined();
      expect(log.lines).toEqual(['warn: The server rejected some data points or log records']);
    },
  );

  test('all rejected: no retry', async () => {
    server.next = [{ status: 200, body: { partialSuccess: { rejectedDataPoints: '2', errorMessage: 'too old' } } }];
    const batch = testBatch(['a t="text" 1', 'b v=1 2', 'c v=1 3']);
    const error = (await (await open()).write(batch)) as PartialWriteError;
    expect(error).toBeInstanceOf(PartialWriteError);
    expect(error.refused).toEqual([1, 2]);
    expect(error.message).toBe(`2 of the lines were permanently rejected: ${server.url}: too old`);
  });

  describe('in protobuf', () => {
    const type = { 'content-type': 'application/x-protobuf' };
    const answer = (status: number, hex: string): CannedAnswer => ({
      status,
      body: Buffer.from(hex, 'hex'),
      headers: type,
    });

    test('all rejected', async () => {
      // partial_success { rejected_data_points: 300, error_message: "too ölt" }
      server.next = [answer(200, `0a0d08ac021208${Buffer.from('too ölt').toString('hex')}`)];
      const batch = testBatch(Array.from({ length: 300 }, (_, index) => `m v=${index} ${index}`));
      const error = (await (await open({ encoding: 'protobuf' })).write(batch)) as PartialWriteError;
      expect(error.message).toBe(`300 of the lines were permanently rejected: ${server.url}: too ölt`);
    });

    test('a message that repeats a secret is read, without the secret', async () => {
      const said = Buffer.from(`no ${SECRET}`);
      const text = `12${said.length.toString(16).padStart(2, '0')}${said.toString('hex')}`;
      const inner = `0803${text}`;
      const output = await open({ encoding: 'protobuf', headers: { 'x-key': SECRET } });
      server.next = [answer(400, `0803${text}`), answer(200, `0a${(inner.length / 2).toString(16)}${inner}`)];
      expect(await output.write(BATCH)).toMatchObject({
        name: 'PermanentError',
        message: `${server.url} answered 400: no ***`,
      });
      expect(await output.write(BATCH)).toMatchObject({
        name: 'PartialWriteError',
        message: `3 of the lines were permanently rejected: ${server.url}: no ***`,
      });
    });

    test('an error, and bytes that are no message', async () => {
      // google.rpc.Status { code: 3, message: "bad data" }
      const status = `08031208${Buffer.from('bad data').toString('hex')}`;
      for (const [body, name, text] of [
        [status, 'PermanentError', /answered 400: bad data$/],
        ['0aff', 'RetryableError', /answered 400/],
        ['', 'RetryableError', /answered 400/],
      ] as const) {
        server.next = [answer(400, body)];
        const error = await (await open({ encoding: 'protobuf' })).write(BATCH);
        expect(error).toMatchObject({ name, message: expect.stringMatching(text) as unknown });
      }
    });
  });

  test.each([
    [{ partialSuccess: { errorMessage: 'use gzip' } }, ['warn: The server accepted everything, with a warning']],
    [{ partialSuccess: {} }, []],
    ['', []],
  ])('success with %j', async (body, lines) => {
    server.next = [{ status: 200, body }];
    const log = recordingLog();
    expect(await (await open({}, { log })).write(BATCH)).toBeUndefined();
    expect(log.lines).toEqual(lines);
  });
});

test('a server that is down is reported', async () => {
  const output = await open({ url: `http://127.0.0.1:${await freePort()}/v1/${SECRET}` });
  const error = await output.write(BATCH);
  expect(error).toBeInstanceOf(RetryableError);
  expect(String(error)).toMatch(/127\.0\.0\.1:\d+: nothing listens there/);
  expect(String(error)).not.toContain(SECRET);
});

test('an abort ends the wait for a server that hangs', async () => {
  server.next = ['hang'];
  expect(await (await open()).write(BATCH, AbortSignal.timeout(50))).toBeInstanceOf(Error);
});

test('TLS: the certificate is verified', async () => {
  const certificate = await selfSigned();
  const files = certificateFiles(certificate);
  const secure = await startFakeOtlp(certificate);
  try {
    expect(String(await (await open({ url: secure.url })).write(BATCH))).toMatch(/certificate is self-signed/);
    expect(await (await open({ url: secure.url, tls: { ca: files.cert } })).write(BATCH)).toBeUndefined();
  } finally {
    await secure.stop();
    files.remove();
  }
});

test.each([
  [{ url: 'grpc://a' }, /must begin with http/],
  [{ url: 'http://a:4317' }, /4317 is for gRPC/],
  [{ headers: { 'a b': 'x' } }, /not a valid name of an HTTP header/],
  [{ headers: { a: 'x\n' } }, /that an HTTP header cannot contain/],
])('rejects %j', (options, text) => {
  expect(opentelemetry.config.safeParse(options).error?.message).toMatch(text);
});
