/** `PluginContext.listen`: what the host does for every plugin that is a server. */
import { request } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';

import { afterEach, describe, expect, test } from '@jest/globals';

import { parseListen } from '../../src/core/listen-address.ts';
import { listenHttp } from '../../src/host/http-server/listen.ts';
import type { HttpListener, ListenOptions } from '../../src/plugin/index.ts';
import { recordingLog } from '../support/kit/recording-log.ts';

let listener: HttpListener | undefined;

afterEach(async () => {
  await listener?.close();
  listener = undefined;
});

const echo: ListenOptions['answer'] = async (received) => ({
  status: 200,
  headers: { 'content-type': 'text/plain' },
  body: await received.body('snappy'),
});

/** @returns its address */
async function open(options: Partial<ListenOptions> = {}, log = recordingLog()): Promise<string> {
  const address = parseListen('127.0.0.1:0')!;
  listener = await listenHttp({ address, maxBodyBytes: 1000, answer: echo, ...options }, log);
  return `http://127.0.0.1:${listener.port}`;
}

async function post(url: string, body: string | Buffer, headers: Record<string, string> = {}) {
  const answer = await fetch(url, { method: 'POST', body: new Uint8Array(Buffer.from(body)), headers });
  return { status: answer.status, text: await answer.text() };
}

describe('bodies', () => {
  test('come as they are, inflated, or in an encoding that the plugin knows', async () => {
    const url = await open();
    expect(await post(url, 'plain')).toEqual({ status: 200, text: 'plain' });
    expect(await post(url, gzipSync('small'), { 'content-encoding': 'gzip' })).toEqual({ status: 200, text: 'small' });
    expect((await post(url, 'raw', { 'content-encoding': 'snappy' })).text).toBe('raw');
  });

  test('are refused with a reason', async () => {
    const url = await open();
    expect(await post(url, 'x'.repeat(1001))).toEqual({ status: 413, text: expect.stringContaining('1000 bytes') });
    expect((await post(url, 'x', { 'content-encoding': 'br' })).status).toBe(415);
    expect(await post(url, 'no gzip', { 'content-encoding': 'gzip' })).toEqual({
      status: 400,
      text: 'The body is not valid gzip\n',
    });
    const cut = gzipSync('x'.repeat(900)).subarray(0, 20);
    expect((await post(url, cut, { 'content-encoding': 'gzip' })).status).toBe(400);
  });

  test('a bomb is refused when it reaches the limit', async () => {
    const url = await open({ maxBodyBytes: 1024 * 1024 });
    const bomb = gzipSync(Buffer.alloc(500 * 1024 * 1024));
    expect((await post(url, bomb, { 'content-encoding': 'gzip' })).status).toBe(413);
  });

  test('that lie about their length are refused, or end the request', async () => {
    const url = await open();
    const { port } = new URL(url);
    const answered = new Promise<string>((resolve) => {
      const client = connect(Number(port), '127.0.0.1', () => {
        client.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999\r\n\r\nshort');
      });
      let text = '';
      client
        .on('data', (chunk) => (text += chunk.toString()))
        .on('close', () => {
          resolve(text);
        });
    });
    expect(await answered).toMatch(/^HTTP\/1.1 413 /);
  });

  test('are bounded together: beyond four of the largest, clients are asked to come again', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const url = await open({
      answer: async (received) => {
        await received.body();
        await held;
        return { status: 204 };
      },
    });
    const waiting = Array.from({ length: 4 }, () => post(url, 'x'.repeat(1000)));
    await new Promise((resolve) => setTimeout(resolve, 200));
    const answer = await fetch(url, { method: 'POST', body: 'x' });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    release();
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([204, 204, 204, 204]);
    expect((await post(url, 'x')).status).toBe(204);
  });
});

describe('credentials', () => {
  const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;
  const status = async (url: string, authorization?: string) =>
    (await post(url, 'x', authorization === undefined ? {} : { authorization })).status;

  test('a token: Bearer, Token, or the password of any user', async () => {
    const url = await open({ credentials: { token: 's3cret' } });
    for (const right of ['Bearer s3cret', 'token  s3cret', basic('any:s3cret')])
      expect(await status(url, right)).toBe(200);
    for (const wrong of [undefined, 's3cret', 'Bearer s3cre', 'Bearer', basic('s3cret:'), basic('s3cret')])
      expect(await status(url, wrong)).toBe(401);
  });

  test('a user: basic authentication, or parameters where the protocol has some', async () => {
    const credentials = { username: 'u', password: 'p:w', parameters: { username: 'u', password: 'p' } };
    const url = await open({ credentials });
    expect(await status(url, basic('u:p:w'))).toBe(200);
    expect(await status(url, 'Token u:p:w')).toBe(200);
    expect(await status(`${url}/?u=u&p=p%3Aw`)).toBe(200);
    expect(await status(`${url}/?u=u&p=wrong`)).toBe(401);
    expect(await status(`${url}/?u=u&p=p%3Aw`, basic('u:wrong'))).toBe(401);
  });

  test('are refused in the form of the protocol, before the body is read', async () => {
    const url = await open({
      credentials: { token: 't' },
      openPaths: ['/ping'],
      refuse: ({ status, text, path }) => ({ status, body: JSON.stringify({ text, path }) }),
    });
    expect(await post(`${url}/write?x=1`, 'x'.repeat(5000))).toEqual({
      status: 401,
      text: '{"text":"Credentials are missing or wrong","path":"/write"}',
    });
    expect((await post(`${url}/ping`, 'x')).status).toBe(200);
  });
});

test('on a loopback address without credentials, a foreign Host header is refused', async () => {
  const url = await open();
  const statusOf = (host: string) =>
    new Promise((resolve, reject) => {
      request(url, { method: 'POST', headers: { host } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      })
        .on('error', reject)
        .end();
    });
  expect(await statusOf('localhost:8186')).toBe(200);
  expect(await statusOf('evil.example')).toBe(421);
  expect(await statusOf('127.0.0.1.evil.example')).toBe(421);
});

test('what the plugin throws is logged, and not told', async () => {
  const log = recordingLog();
  const url = await open({ answer: () => Promise.reject(new Error('secret path /etc/x')) }, log);
  expect(await post(url, 'x')).toEqual({ status: 500, text: 'The request failed; the log of healthd says why\n' });
  expect(log.lines).toEqual(['error: A request failed: secret path /etc/x']);
});

test('a path that is none, and one with two slashes', async () => {
  const url = await open({ answer: ({ path }) => Promise.resolve({ status: 200, body: path }) });
  const pathOf = (path: string) =>
    new Promise((resolve, reject) => {
      request({ port: new URL(url).port, path }, (answer) => {
        let text = '';
        answer
          .on('data', (chunk: Buffer) => (text += chunk.toString()))
          .on('end', () => {
            resolve(text);
          });
      })
        .on('error', reject)
        .end();
    });
  expect(await pathOf('//evil.example/x')).toBe('/evil.example/x');
  expect(await pathOf('/a/../b')).toBe('/b');
});

test('an address in use is named, with a remedy', async () => {
  await open();
  const address = parseListen(`127.0.0.1:${listener!.port}`)!;
  await expect(listenHttp({ address, answer: echo }, recordingLog())).rejects.toThrow(
    /^Cannot listen on 127\.0\.0\.1:\d+: the address is in use, perhaps by another healthd/,
  );
});
