/** HTTP behaviour of the endpoint: formats, credentials, TLS, listening. */
import { createServer, request as requestPlain } from 'node:http';
import { request } from 'node:https';
import { connect, type Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';

import { afterEach, describe, expect, test } from '@jest/globals';

import { prometheus } from '../../../src/outputs/prometheus/index.ts';
import { acceptsGzip, chooseFormat } from '../../../src/outputs/prometheus/negotiate.ts';
import { testContext } from '../../../src/testing.ts';
import { outputContract } from '../../contract/output-contract.ts';
import { testBatch } from '../../support/kit/batch.ts';
import { certificateFiles, selfSigned } from '../../support/kit/certificate.ts';
import { freePort } from '../../support/servers/real-server.ts';
import { recordingLog } from '../../support/kit/recording-log.ts';

import { openEndpoint, type OpenEndpoint } from './open.ts';

const LIVE = new AbortController().signal;

let opened: OpenEndpoint | undefined;

afterEach(async () => {
  await opened?.close();
  opened = undefined;
});

async function open(options: Parameters<typeof openEndpoint>[0] = {}): Promise<OpenEndpoint> {
  opened = await openEndpoint(options);
  await opened.write('a n=1 1');
  return opened;
}

describe('the contract of outputs', () => {
  outputContract(
    () => Promise.resolve(prometheus),
    async () => ({ options: { listen: `127.0.0.1:${await freePort()}` }, received: () => undefined, close() {} }),
  );
});

describe('a response', () => {
  test('has the content type of its format', async () => {
    const { url } = await open();
    const text = await fetch(url, { headers: { accept: 'text/plain;version=0.0.4' } });
    expect(text.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const openMetrics = await fetch(url, { headers: { accept: 'application/openmetrics-text;version=1.0.0' } });
    expect(openMetrics.headers.get('content-type')).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
  });

  test('is compressed if the client accepts gzip', async () => {
    const { url } = await open();
    const body = await new Promise<Buffer>((resolve, reject) => {
      import('node:http').then(({ get }) => {
        get(url, { headers: { 'accept-encoding': 'gzip' } }, (answer) => {
          expect(answer.headers['content-encoding']).toBe('gzip');
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('end', () => {
            resolve(Buffer.concat(chunks));
          });
        }).on('error', reject);
      }, reject);
    });
    expect(gunzipSync(body).toString()).toContain('a_n 1\n');
  });

  test('to HEAD has no body', async () => {
    const { url } = await open();
    const answer = await fetch(url, { method: 'HEAD', headers: { 'accept-encoding': 'identity' } });
    expect(answer.status).toBe(200);
    expect(Number(answer.headers.get('content-length'))).toBeGreaterThan(0);
    expect(await answer.text()).toBe('');
  });

  test('at another path names the path of the metrics', async () => {
    const { url } = await open({ path: '/own' });
    const answer = await fetch(url);
    expect([answer.status, await answer.text()]).toEqual([404, 'The metrics are at /own\n']);
    expect((await fetch(url.replace('/metrics', '/own?x=1'))).status).toBe(200);
  });

  test('to another method lists the allowed ones', async () => {
    const { url } = await open();
    const answer = await fetch(url, { method: 'POST', body: 'x' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });
});

describe('negotiation', () => {
  test.each([
    [undefined, 'text'],
    ['', 'text'],
    ['*/*', 'text'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'text'],
    ['application/openmetrics-text', 'openMetrics'],
    ['application/openmetrics-text;version=1.0.0;q=0', 'text'],
    ['application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1', 'openMetrics'],
    ['text/plain;version=0.0.4,application/openmetrics-text;q=0.5', 'text'],
    ['TEXT/PLAIN;Q=0.3, Application/OpenMetrics-Text; q=0.4', 'openMetrics'],
    ['application/openmetrics-text;q=nonsense', 'text'],
  ])('%s gives %s', (accept, format) => {
    expect(chooseFormat(accept)).toBe(format);
  });

  test.each([
    [undefined, false],
    ['gzip', true],
    ['deflate, gzip;q=1.0', true],
    ['gzip;q=0', false],
    ['identity', false],
    ['*', true],
    ['gzip;q=0, *', false],
  ])('%s means compressed: %s', (header, expected) => {
    expect(acceptsGzip(header)).toBe(expected);
  });
});

describe('credentials', () => {
  const basic = (pair: string) => ({ authorization: `Basic ${Buffer.from(pair).toString('base64')}` });

  test('are required with basic authentication', async () => {
    const { url } = await open({ username: 'scraper', password: 'pass:word' });
    const status = async (headers: Record<string, string>) => (await fetch(url, { headers })).status;
    expect(await status(basic('scraper:pass:word'))).toBe(200);
    for (const wrong of ['scraper:pass', 'scraper:', 'other:pass:word', ''])
      expect(await status(basic(wrong))).toBe(401);
    expect(await status({ authorization: 'Bearer pass:word' })).toBe(401);
    const without = await fetch(url);
    expect([without.status, without.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="healthd"']);
    expect(await without.text()).not.toMatch(/a_n|pass/);
  });

  test('may be a bearer token', async () => {
    const { url } = await open({ bearer_token: 't0ken' });
    const status = async (authorization: string) => (await fetch(url, { headers: { authorization } })).status;
    expect(await status('Bearer t0ken')).toBe(200);
    expect(await status('bearer  t0ken')).toBe(200);
    expect(await status('Bearer t0ke')).toBe(401);
    expect(await status('t0ken')).toBe(401);
  });

  test.each([
    [{ username: 'u' }, /together/],
    [{ password: 'p' }, /together/],
    [{ username: 'u', password: 'p', bearer_token: 't' }, /not both/],
    [{ listen: 'nowhere' }, /host:port/],
    [{ listen: '127.0.0.1:99999' }, /host:port/],
    [{ path: 'metrics' }, /path/],
  ])('%j is rejected', (options, message) => {
    const { error } = prometheus.config.safeParse(options);
    expect(error?.message).toMatch(message);
  });
});

test('with tls.ca, a client certificate is required', async () => {
  const certificate = await selfSigned();
  const files = certificateFiles(certificate);
  const { url } = await open({ tls: { cert: files.cert, key: files.key, ca: files.cert } });
  const get = (client: object) =>
    new Promise<number | undefined>((resolve, reject) => {
      const options = { ca: certificate.cert, agent: false, ...client };
      request(url.replace('http:', 'https:'), options, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      })
        .on('error', reject)
        .end();
    });
  try {
    expect(await get(certificate)).toBe(200);
    await expect(get({})).rejects.toThrow();
  } finally {
    files.remove();
  }
});

describe('listening', () => {
  test('on an address in use fails with advice, and works once it is free', async () => {
    const other = createServer();
    const port = await freePort();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    const context = testContext();
    const output = await prometheus.create(prometheus.config.parse({ listen: `127.0.0.1:${port}` }), context);
    for (const attempt of [output.connect?.(LIVE), output.write(testBatch(['a n=1 1']), LIVE)])
      await expect(attempt).rejects.toThrow(
        /^Cannot listen on 127\.0\.0\.1:\d+: the address is in use.* change listen$/,
      );
    await new Promise((resolve) => other.close(resolve));
    await Promise.all([output.connect?.(LIVE), output.write(testBatch(['a n=1 1']), LIVE)]);
    expect(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).toContain('a_n 1\n');
    await output.stop?.();
    await expect(fetch(`http://127.0.0.1:${port}/metrics`)).rejects.toThrow();
    context.close();
  });

  test('on any free port logs which one', async () => {
    const log = recordingLog();
    const context = testContext({ log });
    const output = await prometheus.create(prometheus.config.parse({ listen: '127.0.0.1:0' }), context);
    await output.connect?.(LIVE);
    expect(log.lines).toEqual([expect.stringMatching(/^info: Listening for scrapes/)]);
    await output.stop?.();
    context.close();
  });

  test('stops although a client is connected', async () => {
    const { url } = await open();
    await (await fetch(url)).text();
    const begin = performance.now();
    await opened?.close();
    opened = undefined;
    expect(performance.now() - begin).toBeLessThan(1000);
  });

  test('stops although a client is in the middle of a TLS handshake', async () => {
    const files = certificateFiles(await selfSigned());
    const { url } = await open({ tls: { cert: files.cert, key: files.key } });
    files.remove();
    const client = await connected(url);
    const begin = performance.now();
    await opened?.close();
    opened = undefined;
    expect(performance.now() - begin).toBeLessThan(1000);
    client.destroy();
  });
});

test('C-036: connect succeeds beside a running agent, but not beside another program', async () => {
  const { url } = await open();
  const { host } = new URL(url);
  const log = recordingLog();
  const context = testContext({ log });
  const output = await prometheus.create(prometheus.config.parse({ listen: host }), context);
  await output.connect?.(LIVE);
  expect(log.lines).toEqual(['info: A running healthd serves this address']);
  await expect(output.write(testBatch(['a n=1 1']), LIVE)).rejects.toThrow('the address is in use');
  await output.stop?.();
  context.close();
});

test('H-009: connections on which nothing is sent do not lock a scraper out, and are logged', async () => {
  const log = recordingLog();
  opened = await openEndpoint({}, { log });
  await opened.write('a n=1 1');
  const { url, scrape } = opened;
  const silent = await Promise.all(Array.from({ length: 200 }, () => connected(url)));
  // The endpoint resets the oldest ones.
  for (const socket of silent) socket.on('error', () => undefined);
  expect(await scrape()).toContain('a_n 1\n');
  expect(log.lines.filter((line) => line.startsWith('warn'))).toEqual([
    'warn: Too many connections; the oldest idle ones are closed',
  ]);
  for (const socket of silent) socket.destroy();
});

test.each([
  ['localhost:9273', 200],
  ['127.0.0.1', 200],
  ['127.0.0.1:80', 200],
  ['[::1]:9273', 200],
  ['evil.example', 421],
  ['127.0.0.1.evil.example', 421],
  ['localhost.evil.example:9273', 421],
  ['10.0.0.1:9273', 421],
])('H-010: on a loopback address, the Host header %s gets %i', async (host, expected) => {
  const { url } = await open();
  const status = await new Promise((resolve, reject) => {
    requestPlain(url, { headers: { host } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .on('error', reject)
      .end();
  });
  expect(status).toBe(expected);
});

/** @returns the status line of the answer to a plain GET of HTTP 1.0 with these headers */
async function statusLine(url: string, ...headers: readonly string[]): Promise<string | undefined> {
  const client = await connected(url);
  client.write([`GET /metrics HTTP/1.0`, ...headers, '', ''].join('\r\n'));
  let text = '';
  for await (const chunk of client) text += String(chunk);
  return text.split('\r\n')[0];
}

test('H-010: a health check without a Host header is answered', async () => {
  const { url } = await open();
  expect(await statusLine(url)).toBe('HTTP/1.1 200 OK');
  expect(await statusLine(url, 'Host: evil.example')).toBe('HTTP/1.1 421 Misdirected Request');
});

test('H-010: with credentials, a proxy on this host may pass on the name that its clients use', async () => {
  const { url } = await open({ username: 'joe', password: 'right' });
  const login = `Authorization: Basic ${btoa('joe:right')}`;
  expect(await statusLine(url, 'Host: metrics.example', login)).toBe('HTTP/1.1 200 OK');
  expect(await statusLine(url, 'Host: metrics.example')).toBe('HTTP/1.1 401 Unauthorized');
});

function connected(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      resolve(socket);
    }).on('error', reject);
  });
}

test('a batch whose signal has aborted changes nothing', async () => {
  const endpoint = await open();
  await expect(endpoint.output.write(testBatch(['a n=2 2']), AbortSignal.abort())).rejects.toThrow();
  expect(await endpoint.scrape()).toContain('a_n 1\n');
});
