/** Documents, indices and requests, against a strict fake. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { elasticsearch } from '../../../src/outputs/elasticsearch/index.ts';
import { outputContract } from '../../contract/output-contract.ts';
import { testBatch } from '../../support/kit/batch.ts';
import { startFakeElasticsearch, type FakeElasticsearch, type FakeProduct } from '../../support/fakes/elasticsearch.ts';

import { linesOf } from './documents.ts';
import { withOutput, type Options } from './open.ts';

const CPU = 'cpu,cpu=cpu0,host=a usage_idle=99.5,n=9007199254740993i 1700000000000000001';
const LOG =
  'healthd_log,host=a,level=error,source=output:x message="cannot write",severity_code=3i,count=2i 1700000000500000000';

let server: FakeElasticsearch;

beforeEach(async () => {
  server = await startFakeElasticsearch();
});

afterEach(() => server.close());

const write = (lines: readonly string[], options: Options = {}) =>
  withOutput({ url: server.url, ...options }, (output) => output.write(testBatch(lines)));

const bulks = () => server.requests.filter(({ path }) => path.endsWith('/_bulk'));

describe('contract', () => {
  outputContract(
    () => Promise.resolve(elasticsearch),
    async () => {
      const fake = await startFakeElasticsearch();
      return {
        options: { url: fake.url },
        received: () =>
          Buffer.from(
            fake.requests
              .filter(({ path }) => path === '/_bulk')
              .flatMap(({ body }) => linesOf(body))
              .join(''),
          ),
        close: () => fake.close(),
      };
    },
  );
});

describe('documents', () => {
  test('have the format of Telegraf', async () => {
    expect(await write([CPU])).toBeUndefined();
    const [action = '', document = ''] = bulks()[0]?.body.split('\n') ?? [];
    expect(JSON.parse(action)).toEqual({
      create: { _index: 'healthd-2023.11.14', _id: expect.stringMatching(/^[\w-]{22}$/) as unknown },
    });
    expect(document).toBe(
      '{"@timestamp":"2023-11-14T22:13:20.000000001Z","measurement_name":"cpu","tag":{"cpu":"cpu0","host":"a"},' +
        '"cpu":{"usage_idle":99.5,"n":9007199254740993}}',
    );
  });

  test('of log records have text and level where Kibana expects them', async () => {
    await write([LOG]);
    expect(server.stored()).toEqual([
      {
        '@timestamp': '2023-11-14T22:13:20.500000000Z',
        measurement_name: 'healthd_log',
        tag: { host: 'a', level: 'error', source: 'output:x' },
        message: 'cannot write',
        'log.level': 'error',
        healthd_log: { message: 'cannot write', severity_code: 3, count: 2 },
      },
    ]);
  });

  test('S-026: a whole number as the first value of a field does not map it to an integer', async () => {
    await write(['m f=1,g=1e21,i=1i 1', 'm f=1.75,g=-0,i=1.75 2']);
    const { mapping } = server.indices.get('healthd-1970.01.01')!;
    expect(Object.fromEntries(mapping)).toMatchObject({ 'm.f': 'double', 'm.g': 'double', 'm.i': 'double' });
  });

  test('dots in names result in no objects, and equal names in no duplicate keys', async () => {
    const lines = ['m.x,app=a,app.version=1 f=1,f.g=2 1', 'm.x,app=b f=1,f.g=2,f_g=3 2'];
    expect(await write(lines)).toBeUndefined();
    expect(server.stored()).toMatchObject([
      { measurement_name: 'm.x', tag: { app: 'a', app_version: '1' }, m_x: { f: 1, f_g: 2 } },
      { m_x: { f: 1, f_g: 3 } },
    ]);
  });

  test('measurements with a reserved name get another one', async () => {
    expect(
      await write(['tag v=1 1', 'message v=1 1', 'log message="x",level=3i 1', '@timestamp v=1 1']),
    ).toBeUndefined();
    expect(server.stored()).toMatchObject([
      { tag_: { v: 1 } },
      { message_: { v: 1 } },
      { message: 'x' },
      { '@timestamp_': {} },
    ]);
  });
});

describe('a batch that is sent again', () => {
  test('creates no duplicates', async () => {
    const lines = [CPU, LOG, CPU.replace('99.5', '98.5')];
    for (let attempt = 0; attempt < 3; attempt += 1) expect(await write(lines)).toBeUndefined();
    expect(server.stored()).toHaveLength(3);
  });

  test('two lines of one series and time with different fields are two documents', async () => {
    await write(['m,host=a x=1 5', 'm,host=a y=1 5']);
    expect(server.stored()).toHaveLength(2);
  });
});

describe('requests', () => {
  test('are compressed, and filter the response', async () => {
    await write([CPU]);
    expect(bulks()[0]?.headers).toMatchObject({ 'content-type': 'application/x-ndjson', 'content-encoding': 'gzip' });
    expect(bulks()[0]?.query).toEqual({ filter_path: 'errors,items.*.status,items.*.error.type,items.*.error.reason' });
    await write([CPU], { content_encoding: 'identity' });
    expect(bulks()[1]?.headers['content-encoding']).toBeUndefined();
  });

  test.each<[string, Options, string]>([
    ['user and password', { username: 'joe', password: 'p' }, `Basic ${btoa('joe:p')}`],
    ['an API key', { api_key: 'a2V5' }, 'ApiKey a2V5'],
    ['a token', { bearer_token: 'tok' }, 'Bearer tok'],
  ])('with %s', async (_, options, authorization) => {
    const strict = await startFakeElasticsearch({ authorization });
    expect(await write([CPU], { url: strict.url, ...options })).toBeUndefined();
    expect(strict.stored()).toHaveLength(1);
    await strict.close();
  });

  test('go through a pipeline', async () => {
    server.pipelines.add('enrich');
    expect(await write([CPU], { pipeline: 'enrich' })).toBeUndefined();
    expect(bulks()[0]?.query['pipeline']).toBe('enrich');
  });
});

describe('index', () => {
  test.each([
    ['healthd-{{measurement}}-%Y.%m', 'healthd-my_cpu-2023.11'],
    ['h-{{host}}-%y%m%d%H', 'h-_ber__a_b-23111422'],
    ['h-{{dc}}-%Y.w%V', 'h-none-2023.w46'],
    ['fixed', 'fixed'],
  ])('%s is %s', async (index, expected) => {
    expect(await write(['My\\ cpu,host=Über\\ "a/b v=1 1700000000000000000'], { index })).toBeUndefined();
    expect([...server.indices.keys()]).toEqual([expected]);
  });

  test('a long tag is truncated, so that the name is valid', async () => {
    expect(await write([`m,t=${'x'.repeat(400)} v=1 1`], { index: 'h-{{t}}' })).toBeUndefined();
    expect([...server.indices.keys()][0]).toHaveLength(255);
  });

  test('default_tag_value replaces missing tags', async () => {
    await write(['m v=1 1'], { index: 'h-{{dc}}', default_tag_value: 'no dc' });
    expect([...server.indices.keys()]).toEqual(['h-no_dc']);
  });

  test('a data stream gets each document once', async () => {
    const options = { data_stream: 'metrics-healthd.{{measurement}}-default' };
    expect(await write([CPU, LOG], options)).toBeUndefined();
    expect(await write([CPU, LOG], options)).toBeUndefined();
    expect([...server.indices].map(([name, { isStream, documents }]) => [name, isStream, documents.size])).toEqual([
      ['metrics-healthd.cpu-default', true, 1],
      ['metrics-healthd.healthd_log-default', true, 1],
    ]);
  });
});

test.each<FakeProduct>(['7.17.28', '8.19.0', '9.1.0', 'opensearch 3.1.0'])('%s accepts everything', async (product) => {
  const fake = await startFakeElasticsearch({ product });
  const outcome = await withOutput({ url: fake.url, data_stream: 'metrics-healthd-default' }, async (output) => [
    await output.connect(),
    await output.write(testBatch([CPU, LOG])),
  ]);
  expect(outcome).toEqual([undefined, undefined]);
  expect(fake.stored()).toHaveLength(2);
  await fake.close();
});
