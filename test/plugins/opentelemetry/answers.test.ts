/** What is answered to requests that are not taken, and when. */
import { afterEach, describe, expect, test } from '@jest/globals';

import { opentelemetry } from '../../../src/plugins/opentelemetry/index.ts';
import { SAFE } from '../../support/kit/open-listener.ts';
import { waitFor } from '../../support/servers/real-server.ts';

import { closeAll, gauge, JSON_TYPE, logsOf, metricsOf, open, post, PROTOBUF_TYPE, tag } from './open.ts';

afterEach(closeAll);

const GOOD = metricsOf([gauge('a', { asInt: 1 })]);

describe('storage', () => {
  test('an export is confirmed when its points are in the journal, and not before', async () => {
    let done: () => void = () => undefined;
    const written = new Promise<void>((resolve) => (done = resolve));
    const { url, lines } = await open({}, { trouble: undefined, nextLine: 0, written: () => written });
    let status: number | undefined;
    const answered = post(`${url}/v1/metrics`, GOOD).then((answer) => ({ status } = answer));
    await waitFor(() => lines.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(status).toBeUndefined();
    done();
    await answered;
    expect(status).toBe(200);
  });

  test.each(['/v1/metrics', '/v1/logs'])('%s: trouble is a 503 before anything is taken', async (path) => {
    const trouble = 'The journal is full of lines that an output has not taken';
    const { url, lines } = await open({}, { ...SAFE, trouble });
    const answer = await fetch(url + path, { method: 'POST', body: GOOD, headers: JSON_TYPE });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '10']);
    expect(await answer.json()).toEqual({ code: 14, message: `${trouble}; try again` });
    expect(lines).toEqual([]);
  });

  test('a journal that fails meanwhile is a 503', async () => {
    const written = () => Promise.reject(new Error('The journal cannot be written'));
    const { url } = await open({}, { ...SAFE, written });
    const { status, body } = await post(`${url}/v1/metrics`, Buffer.from([]), PROTOBUF_TYPE);
    expect([status, String(body)]).toEqual([503, '\b\x0e\x12(The journal cannot be written; try again']);
  });
});

describe('bad requests get a status that says why, and nothing of them is stored', () => {
  const deep = (levels: number): object =>
    levels === 0 ? { intValue: 1 } : { arrayValue: { values: [deep(levels - 1)] } };
  const point = (fields: object) => metricsOf([gauge('good', { asInt: 1 }), gauge('a', { asInt: 1, ...fields })]);
  test.each([
    ['/v1/metrics', 'not json', 'the body is no JSON object'],
    ['/v1/metrics', '[]', 'the body is no JSON object'],
    ['/v1/metrics', '{"resourceMetrics":{}}', 'resourceMetrics is no list'],
    ['/v1/metrics', '{"resourceMetrics":[null]}', 'resourceMetrics is no object'],
    ['/v1/metrics', point({ asInt: 1.5 }), 'asInt is no integer'],
    ['/v1/metrics', point({ asInt: '1e3' }), 'asInt is no integer'],
    ['/v1/metrics', point({ asInt: '9223372036854775808' }), 'asInt is beyond 64 bits'],
    ['/v1/metrics', point({ timeUnixNano: '-1' }), 'timeUnixNano is beyond 64 bits'],
    ['/v1/metrics', point({ asDouble: 'much' }), 'asDouble is no number'],
    ['/v1/metrics', point({ attributes: [{ key: 1 }] }), 'key is no text'],
    ['/v1/metrics', point({ attributes: [{ key: 'a', value: deep(18) }] }), 'a value nests deeper than 16 levels'],
    ['/v1/logs', logsOf([{ traceId: 'xyz' }]), 'traceId is no hexadecimal text'],
    ['/v1/logs', logsOf([{ severityNumber: 'SEVERITY_NUMBER_INFO' }]), 'severityNumber is no integer'],
    ['/v1/logs', logsOf([{ body: { boolValue: 1 } }]), 'boolValue is neither true nor false'],
  ])('%s %s', async (path, body, why) => {
    const { url, lines } = await open();
    const message = `The request is not understood: ${why}`;
    expect(await post(url + path, body)).toEqual({ status: 400, type: 'application/json', body: { code: 3, message } });
    expect(lines).toEqual([]);
  });

  test('paths, methods, types and encodings that are not OTLP', async () => {
    const { url } = await open();
    expect(await post(`${url}/v1/traces`, '{}')).toMatchObject({
      status: 404,
      body: { code: 5, message: 'Exports go to /v1/metrics and /v1/logs' },
    });
    expect((await fetch(`${url}/v1/metrics`)).status).toBe(405);
    expect(await post(`${url}/v1/metrics`, GOOD, { 'content-type': 'text/plain' })).toMatchObject({
      status: 415,
      body: { code: 3, message: 'The Content-Type must be application/x-protobuf or application/json' },
    });
    expect(await post(`${url}/v1/metrics`, GOOD, { ...JSON_TYPE, 'content-encoding': 'zstd' })).toMatchObject({
      status: 415,
      body: { code: 3 },
    });
    const bad = await post(`${url}/v1/metrics`, GOOD, { ...PROTOBUF_TYPE, 'content-encoding': 'gzip' });
    expect([bad.status, bad.type, String(bad.body)]).toEqual([
      400,
      'application/x-protobuf',
      '\b\x03\x12\x1aThe body is not valid gzip',
    ]);
    const charset = { 'content-type': 'Application/JSON; charset=utf-8' };
    expect(await post(`${url}/v1/metrics`, GOOD, charset)).toMatchObject({ status: 200 });
  });

  test('credentials are checked, also for paths that are not there', async () => {
    const { url, lines } = await open({ bearer_token: 't' });
    expect(await post(`${url}/v1/metrics`, GOOD)).toMatchObject({ status: 401, body: { code: 16 } });
    expect(await post(`${url}/`, GOOD)).toMatchObject({ status: 401 });
    expect(lines).toEqual([]);
    expect(await post(`${url}/v1/metrics`, GOOD, { ...JSON_TYPE, authorization: 'Bearer t' })).toMatchObject({
      status: 200,
    });
    expect(opentelemetry.config.safeParse({ username: 'u' }).error?.message).toMatch(/together/);
  });
});

describe('a request that would take too much memory is a 413', () => {
  test('too many points, also those that are rejected', async () => {
    const { url, lines } = await open({ max_points: 2 });
    const body = metricsOf([gauge('a', { asInt: 1 }, {}, { asInt: 3 })]);
    expect(await post(`${url}/v1/metrics`, body)).toMatchObject({
      status: 413,
      body: { code: 8, message: expect.stringContaining('more than 2 points') },
    });
    expect(lines).toEqual([]);
  });

  test('too many items in lists, which cost two bytes each', async () => {
    const { url } = await open({ max_points: 1000 });
    const inner = Buffer.alloc(100_000, Buffer.from([0x0a, 0]));
    const { status, body } = await post(`${url}/v1/metrics`, inner, PROTOBUF_TYPE);
    expect([status, String(body)]).toEqual([413, expect.stringContaining('more than 20000 items in lists')]);
  });

  test('attributes of a resource that become tags of many points', async () => {
    const { url, lines } = await open();
    const attributes = Array.from({ length: 100 }, (_, index) => tag(`k${index}`, 'x'.repeat(10_000)));
    const points = Array.from({ length: 100 }, () => ({ asInt: 1 }));
    const body = metricsOf([gauge('a', ...points)], { attributes });
    expect(await post(`${url}/v1/metrics`, body)).toMatchObject({
      status: 413,
      body: { message: expect.stringContaining('the points take more than 67108864 bytes') },
    });
    expect(lines).toEqual([]);
  });

  test('a body beyond max_body_size, as sent or inflated', async () => {
    const { url } = await open({ max_body_size: 100 });
    expect(await post(`${url}/v1/logs`, GOOD)).toMatchObject({ status: 413, body: { code: 8 } });
  });
});

test('an answer names some of what was rejected', async () => {
  const { url } = await open();
  const metrics = Array.from({ length: 100 }, (_, index) => gauge(`m${index}${'x'.repeat(500)}\n`, {}));
  const { body } = await post(`${url}/v1/metrics`, metricsOf(metrics));
  const { errorMessage, rejectedDataPoints } = (body as { partialSuccess: Record<string, string> }).partialSuccess;
  expect([rejectedDataPoints, errorMessage]).toEqual(['100', expect.stringMatching(/^m0x+: the .*; and others$/)]);
  expect(errorMessage!.length).toBeLessThan(4000);
});
