/** Who may do what, for every route there is: one that is added cannot be forgotten. */
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import type { Route } from '../../src/server/route.ts';
import { ask, SETTINGS, startApiServer, type ApiServer, type AskOptions } from '../support/kit/api-server.ts';

let server: ApiServer;
let cookie: string;

beforeAll(async () => {
  server = await startApiServer({ section: { publicUrl: 'https://status.example.org' } });
  cookie = await server.signIn();
});

afterAll(() => server.close());

const pathOf = ({ path }: Route) => path.replace(':id', 'x').replace('/*', '/');
const nameOf = (route: Route) => `${route.method} ${route.path}`;

/** Agents have credentials of their own: test/hub. */
const forPeople = () => server.part.routes.filter(({ needs }) => needs !== 'ingest');

/** The status of each route, by its name. */
async function statuses(how: (route: Route) => AskOptions, routes: readonly Route[] = forPeople()) {
  const pairs = routes.map(async (route) => {
    const { status } = await server.ask(pathOf(route), { method: route.method, ...how(route) });
    return [nameOf(route), status] as const;
  });
  return Object.fromEntries(await Promise.all(pairs));
}

function expected(of: (route: Route) => number, routes: readonly Route[] = forPeople()) {
  return Object.fromEntries(routes.map((route) => [nameOf(route), of(route)]));
}

/** Whether the caller passed: what is behind may lack a source, a body, or the page. */
const passed = (status: number) => ![401, 403, 421, 429].includes(status);

const own = () => ({ origin: server.origin });

test('there are routes to test', () => {
  expect(server.part.routes.length).toBeGreaterThan(20);
});

test('H-030: no route answers with a foreign Host header, session or not', async () => {
  for (const host of [
    'evil.example',
    'evil.example:8400',
    '127.0.0.1.evil.example',
    'x.localhost',
    'localhost.',
    '8.8.8.8',
    'localhost@evil',
    '[::2]',
  ]) {
    expect(await statuses(() => ({ headers: { ...own(), cookie, host } }))).toEqual(expected(() => 421));
  }
});

test('H-030: names of this host, and the one of the proxy, are accepted', async () => {
  const { port } = server;
  for (const host of [
    'localhost',
    `localhost:${port}`,
    '127.0.0.1',
    `[::1]:${port}`,
    'LOCALHOST',
    'status.example.org',
  ])
    expect((await server.ask('/healthz', { headers: { host } })).status).toBe(200);
});

test('H-031: no route answers a page of another origin', async () => {
  for (const headers of [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: `http://localhost:${server.port + 1}` },
    { origin: `http://127.0.0.1:${server.port}.evil.example` },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' },
  ])
    expect(await statuses(() => ({ headers: { ...headers, cookie } }), server.part.routes)).toEqual(
      expected(() => 403, server.part.routes),
    );
});

test('H-031: a link of another page leads to the page, and to nothing else', async () => {
  const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', cookie };
  const result = await statuses(() => ({ headers }));
  expect(Object.entries(result).filter(([, status]) => passed(status))).toEqual([
    // The end of a sign-in at a provider, which checks where it began.
    ['GET /api/v1/session/oidc/callback', expect.any(Number)],
    ['GET /*', expect.any(Number)],
  ]);
});

test('H-031: what changes something needs the origin, even with a cookie', async () => {
  const result = await statuses(() => ({ headers: { cookie } }));
  const changing = Object.entries(result).filter(([name]) => !name.startsWith('GET'));
  expect(changing.length).toBeGreaterThan(5);
  expect(changing.filter(([, status]) => status !== 403)).toEqual([]);
});

test('H-032: without a session only metrics are shown', async () => {
  const result = await statuses(() => ({ headers: own() }));
  const open = server.part.routes.filter(({ needs }) => ['open', 'page', 'read'].includes(needs)).map(nameOf);
  for (const [name, status] of Object.entries(result))
    expect([name, passed(status)]).toEqual([
      name,
      open.includes(name) || (status === 401 && name === 'POST /api/v1/session'),
    ]);
  expect(result['GET /api/v1/log']).toBe(401);
  expect(result['GET /api/v1/config']).toBe(401);
  expect(result['GET /api/v1/alerts/history']).toBe(401);
  expect(result['POST /api/v1/silences']).toBe(401);
});

test('H-032: through a proxy, or by another name than a loopback one, nothing is shown without a session', async () => {
  const ways = [
    { 'x-forwarded-for': '203.0.113.5' },
    { forwarded: 'for=203.0.113.5' },
    { via: '1.1 proxy' },
    { host: 'status.example.org', origin: 'https://status.example.org' },
  ];
  for (const way of ways) {
    const result = await statuses(() => ({ headers: { ...own(), ...way } }));
    const shown = forPeople()
      .filter(({ needs }) => needs !== 'open' && needs !== 'page')
      .map(nameOf);
    expect(shown.filter((name) => passed(result[name] ?? 0))).toEqual([]);
  }
});

test('H-032: with a session all is open but what belongs to the owner', async () => {
  const result = await statuses(() => ({ headers: { ...own(), cookie } }));
  const closed = Object.entries(result).filter(([, status]) => !passed(status));
  expect(Object.fromEntries(closed)).toEqual({
    'POST /api/v1/history/flush': 403,
    'POST /api/v1/session/address': 403,
    'POST /api/v1/reload': 403,
    'POST /api/v1/stop': 403,
  });
});

test('H-032: a forged, an altered, an expired cookie opens nothing', async () => {
  const [name = '', value = ''] = cookie.split('=');
  const [expiry = '', id = '', signature = ''] = value.split('.');
  const forged = [
    `${Number(expiry) + 1}.${id}.${signature}`,
    `${expiry}.${id.slice(0, -1)}${id.endsWith('_') ? 'x' : '_'}.${signature}`,
    `${expiry}.${id}.${signature.slice(0, -1)}${signature.endsWith('A') ? 'B' : 'A'}`,
    `${expiry}.${id}.`,
    `${expiry}.${id}`,
    '',
    'x'.repeat(9000),
  ];
  for (const one of forged)
    expect((await server.ask('/api/v1/log', { headers: { cookie: `${name}=${one}` } })).status).toBe(401);
  expect((await server.ask('/api/v1/log', { headers: { cookie } })).status).toBe(200);
});

test('the control socket is open to its owner, whatever the headers', async () => {
  const socketPath = join(server.state, 'control.sock');
  for (const route of forPeople()) {
    const { status } = await ask(0, pathOf(route), { method: route.method, socketPath, headers: { host: 'x' } });
    expect([nameOf(route), passed(status) || nameOf(route) === 'POST /api/v1/session']).toEqual([nameOf(route), true]);
  }
});

test('every answer has the headers that browsers heed', async () => {
  for (const path of ['/', '/healthz', '/api/v1/session', '/nothing', '/api/v1/log']) {
    const { headers } = await server.ask(path);
    expect(headers['content-security-policy']).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(headers['access-control-allow-origin']).toBeUndefined();
  }
});

describe('sessions', () => {
  const signIn = (body: unknown, headers = {}) =>
    server.ask('/api/v1/session', { method: 'POST', headers: { ...own(), ...headers }, body: JSON.stringify(body) });

  test('an address opens one session', async () => {
    const token = server.part.newAddress()?.url.split('#')[1];
    const { status, headers } = await signIn({ token });
    expect(status).toBe(200);
    expect(headers['set-cookie']?.[0]).toMatch(/; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Strict$/);
    expect((await signIn({ token })).status).toBe(401);
    expect((await signIn({ token: 'A'.repeat(43) })).status).toBe(401);
  });

  test('behind a proxy that speaks TLS the cookie is for TLS only', async () => {
    const token = server.part.newAddress()?.url.split('#')[1];
    const from = { host: 'status.example.org', origin: 'https://status.example.org' };
    expect((await signIn({ token }, from)).headers['set-cookie']?.[0]).toMatch(/; Secure$/);
  });

  test('a session survives a restart; a changed password ends it', async () => {
    const first = await startApiServer();
    const its = await first.signIn();
    const log = () => first.ask('/api/v1/log', { headers: { cookie: its } });
    await first.reload({});
    expect((await log()).status).toBe(200);
    const stream = request({ port: first.port, path: '/api/v1/stream', headers: { cookie: its } }).end();
    const [answer] = (await once(stream, 'response')) as [IncomingMessage];
    const ended = new Promise((resolve) =>
      answer
        .resume()
        .on('error', () => undefined)
        .once('close', resolve),
    );
    await first.reload({ settings: { ...SETTINGS, tokens: [], password: 'a new password' } });
    await ended;
    expect((await log()).status).toBe(401);
    await first.close();
  });

  test('a token of the configuration opens the API for programs', async () => {
    const token = '0123456789abcdef0123';
    const one = await startApiServer({ section: { settings: { ...SETTINGS, tokens: [token] } } });
    const get = (given: string) => one.ask('/api/v1/log', { headers: { authorization: `Bearer ${given}` } });
    expect((await get(token)).status).toBe(200);
    expect((await get(token)).status).toBe(200);
    expect((await get('0123456789abcdef0124')).status).toBe(401);
    expect((await get(token)).status).toBe(200);
    await one.close();
  });
});
