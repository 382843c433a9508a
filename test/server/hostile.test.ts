/** Clients that mean harm, and clients that are broken. */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, expect, test } from '@jest/globals';

import type { LiveListener } from '../../src/gather/live.ts';
import { SETTINGS, startApiServer, type ApiServer, type ApiServerOptions } from '../support/kit/api-server.ts';
import { waitFor } from '../support/servers/real-server.ts';

let server: ApiServer;
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server.close();
});

async function start(options?: ApiServerOptions) {
  server = await startApiServer(options);
}

/** What a client that writes this gets until the connection is closed, or for a while. */
function raw(text: string, ms = 3000): Promise<string> {
  return new Promise((resolve) => {
    const socket = open();
    let answer = '';
    socket.on('data', (part) => (answer += part.toString()));
    const timer = setTimeout(() => socket.destroy(), ms);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(answer);
    });
    socket.write(text);
  });
}

function open(): Socket {
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => undefined);
  sockets.push(socket);
  return socket;
}

function manyMetrics(length: number) {
  return Array.from({ length }, (_, index) => ({
    name: 'disk',
    tags: { path: `/${index}-${'x'.repeat(100)}` },
    fields: { used: index + 0.123456789012 },
    time: 0n,
  }));
}

const PASSWORD = 'correct horse battery';

test('H-033: a thousand wrong passwords neither open a session nor block the agent or its owner', async () => {
  await start({ section: { settings: { ...SETTINGS, tokens: [], password: PASSWORD } } });
  const token = server.part.newAddress()?.url.split('#')[1];
  const post = (body: unknown) =>
    server.ask('/api/v1/session', { method: 'POST', headers: { origin: server.origin }, body: JSON.stringify(body) });
  let longest = 0;
  const over = new AbortController();
  const watch = (async () => {
    while (!over.signal.aborted) {
      const before = performance.now();
      await new Promise(setImmediate);
      longest = Math.max(longest, performance.now() - before);
    }
  })();
  const answers = await Promise.all(
    Array.from({ length: 1000 }, async (_, index) => {
      await sleep(index); // connections are bounded
      return post({ password: `wrong ${index}` }).catch(() => undefined);
    }),
  );
  over.abort();
  await watch;
  const withStatus = (status: number) => answers.filter((answer) => answer?.status === status);
  const others = answers.filter((answer) => answer !== undefined && ![401, 429].includes(answer.status));
  expect(others).toEqual([]);
  expect(answers.some((answer) => answer?.headers['set-cookie'] !== undefined)).toBe(false);
  // Few of them cost a hash.
  expect(withStatus(401).length).toBeLessThan(30);
  expect(withStatus(429)[0]?.headers['retry-after']).toMatch(/^\d+$/);
  // On a busy machine; a hash on the main thread for each would add up to a minute.
  expect(longest).toBeLessThan(2000);
  // Even the right one has to wait now, but the owner gets in.
  expect((await post({ password: PASSWORD })).status).toBe(429);
  expect((await post({ token })).status).toBe(200);
}, 60_000);

test('the right password opens a session', async () => {
  await start({ section: { settings: { ...SETTINGS, tokens: [], password: PASSWORD } } });
  const post = (body: string) =>
    server.ask('/api/v1/session', { method: 'POST', headers: { origin: server.origin }, body });
  const { status, headers } = await post(JSON.stringify({ password: PASSWORD }));
  expect(status).toBe(200);
  const [cookie = ''] = headers['set-cookie']?.[0]?.split(';') ?? [];
  expect((await server.ask('/api/v1/log', { headers: { cookie } })).status).toBe(200);
  for (const body of ['', '{}', '[]', 'null', '{"password":5}', '{"password":""}', '{"password":"x","token":"y"}', '{'])
    expect((await post(body)).status).toBe(400);
});

test('H-034: malformed and oversized requests are refused', async () => {
  await start();
  const host = 'Host: localhost\r\n';
  expect(await raw('nonsense\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /);
  expect(await raw(`GET / HTTP/1.1\r\n\r\n`)).toMatch(/^HTTP\/1.1 400 /);
  expect(await raw(`GET / HTTP/1.1\r\n${host}X: ${'x'.repeat(20_000)}\r\n\r\n`)).toMatch(/^HTTP\/1.1 431 /);
  expect(await raw(`GET /${'x'.repeat(20_000)} HTTP/1.1\r\n${host}\r\n`)).toMatch(/^HTTP\/1.1 431 /);
  const smuggled = `POST /api/v1/session HTTP/1.1\r\n${host}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`;
  expect(await raw(smuggled)).toMatch(/^HTTP\/1.1 400 /);
  const cookie = await server.signIn();
  const big = { method: 'POST', headers: { origin: server.origin, cookie }, body: 'x'.repeat(70_000) };
  expect((await server.ask('/api/v1/acks', big)).status).toBe(413);
  // Told to wait for the end of the body, it is not read to its end.
  const endless = `POST /api/v1/acks HTTP/1.1\r\n${host}Origin: http://localhost\r\nCookie: ${cookie}\r\nContent-Length: 999999999\r\n\r\n${'x'.repeat(70_000)}`;
  expect(await raw(endless)).toMatch(/^HTTP\/1.1 413 [\s\S]*connection: close/i);
  expect((await server.ask('/healthz')).status).toBe(200);
});

test('H-034: a thousand silent and half-open connections keep nobody out', async () => {
  await start();
  for (let batch = 0; batch < 10; batch += 1) {
    for (let index = 0; index < 100; index += 1) {
      const socket = open();
      if (index % 3 === 1) socket.write('GET /healthz HTTP/1.1\r\nHost: loc');
      if (index % 3 === 2) socket.end('GET /healthz');
    }
    expect((await server.ask('/healthz')).status).toBe(200);
  }
}, 30_000);

test('H-034: a request that trickles in is cut off', async () => {
  await start();
  const begin = performance.now();
  const answer = raw('GET /healthz HTTP/1.1\r\nHost: localhost\r\n', 30_000);
  expect(await answer).toMatch(/^(HTTP\/1.1 408 |$)/);
  expect(performance.now() - begin).toBeLessThan(25_000);
}, 40_000);

test('H-035: readers of the stream that do not read are dropped, and others are served', async () => {
  const listeners = new Set<LiveListener>();
  const live = {
    recent: () => [],
    watch: (listener: LiveListener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
  await start({ sources: { live: () => live } });
  const ask = 'GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n';
  const lazy = Array.from({ length: Number(process.env['STREAM_READERS'] ?? 12) }, () => {
    const socket = open();
    socket.pause();
    socket.write(ask);
    return socket;
  });
  await sleep(500);
  // One subscription for all of them.
  expect(listeners.size).toBe(1);
  const metrics = manyMetrics(500);
  const before = process.memoryUsage().external;
  for (let at = 1; at < 20_000 && listeners.size > 0; at += 1) {
    for (const { onPoints } of listeners) onPoints({ at, metrics });
    if (at % 5 === 0) await new Promise(setImmediate);
  }
  expect(process.memoryUsage().external - before).toBeLessThan(150 * 1024 * 1024);
  // All have gone, so nothing is gathered any more; and there is room.
  await waitFor(() => listeners.size === 0, { timeout: 20_000 });
  expect(lazy.some((socket) => socket.isPaused())).toBe(true);
  expect((await server.ask('/api/v1/stream')).status).toBe(200);
}, 60_000);

test('H-035: at most 64 streams are open at a time', async () => {
  await start();
  const heads = Array.from({ length: 80 }, () => raw('GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n', 2000));
  const statuses = (await Promise.all(heads)).map((head) => head.slice(9, 12));
  expect(statuses.filter((status) => status === '200')).toHaveLength(64);
  expect(statuses.filter((status) => status === '503')).toHaveLength(16);
}, 30_000);

test('H-035: streams that are asked for on one connection take no room for others', async () => {
  // More than a socket takes at once, so that the stream waits for its reader.
  const point = { at: 1, metrics: manyMetrics(3000) };
  const live = { recent: (after: number) => (after < 1 ? [point] : []), watch: () => () => undefined };
  await start({ sources: { live: () => live } });
  const one = 'GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n';
  for (const count of [7, 100]) {
    const socket = open();
    socket.write(one.repeat(count));
    await sleep(300);
    socket.destroy();
  }
  const heads = await Promise.all([raw(one, 4000), raw(one, 4000)]);
  expect(heads.map((head) => head.slice(9, 12))).toEqual(['200', '200']);
}, 30_000);

test('H-036: no path leads out of the folder of the page', async () => {
  await start();
  for (const path of [
    '/../package.json',
    '/%2e%2e/package.json',
    '/..%2fpackage.json',
    '/assets/..%5c..%5cpackage.json',
    '//etc/passwd',
    '/./../../etc/passwd',
    '/%00',
    '/index.html%00.js',
    '/package.json',
    '/cli.js',
  ]) {
    const { status, text } = await server.ask(path);
    expect([path, status]).toEqual([path, 404]);
    expect(text).not.toContain('"version"');
  }
  expect((await server.ask('/%ff')).status).toBe(400);
  expect(await raw('GET http://evil.example/api/v1/log HTTP/1.1\r\nHost: localhost\r\n\r\n', 500)).toMatch(/ 401 /);
});
