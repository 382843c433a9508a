/** The API of the built agent: what it answers, and what it withstands. */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';

import type { AgentAnswer } from '../../src/api/agent.ts';
import { systemClock } from '../../src/core/clock.ts';
import { silentLog } from '../../src/core/logger.ts';
import { ServerPart } from '../../src/server/part.ts';
import { NO_SOURCES } from '../../src/server/sources.ts';
import { ask, type AskOptions } from '../support/kit/api-server.ts';
import { startRealAgent, type RealAgent } from '../support/kit/real-agent.ts';
import { waitFor } from '../support/servers/real-server.ts';

const YAML = `
agent: { interval: 1s, hostname: web-1 }
inputs: [cpu, mem, system, disk, net]
outputs: [discard]
hub: {}
`;
const PASSWORD = 'correct horse battery';
const LIMIT = 60_000;
/** `npm run test:streams` opens 10,000. */
const CLIENTS = Number(process.env['STREAM_CLIENTS'] ?? 1000);

let agent: RealAgent;
let cookie: string;
const sockets = new Set<Socket>();

beforeAll(async () => {
  agent = await startRealAgent(YAML);
  const { name, value } = await agent.signIn();
  cookie = `${name}=${value}`;
  await waitFor(async () => (await get('/api/v1/processes')).text.includes('"pid"'), { timeout: 30_000 });
}, LIMIT);

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
});

afterAll(() => agent.close());

const get = (path: string, how: AskOptions = {}) => ask(agent.port, path, { headers: { cookie }, ...how });

/** What a client that writes this gets until the connection ends, or for a while. */
function raw(text: string, ms: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = open(text);
    let answer = '';
    socket.on('data', (part) => (answer += part.toString()));
    const timer = setTimeout(() => socket.destroy(), ms);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(answer);
    });
  });
}

function open(text: string): Socket {
  const socket = connect(agent.port, '127.0.0.1', () => socket.write(text));
  sockets.add(socket);
  socket.on('error', () => undefined);
  socket.on('close', () => sockets.delete(socket));
  return socket;
}

function routes() {
  const shared = { platform: process.platform, clock: systemClock, random: Math.random, log: silentLog };
  return new ServerPart({ ...shared, sources: NO_SOURCES, version: '0' }).routes;
}

const SERIES = 's=cpu.usage_idle{cpu=cpu-total}&s=mem.used';
const QUERIES: Readonly<Record<string, string>> = {
  '/api/v1/query': `?${SERIES}&fn=mean,min,max,last,rate&width=100`,
  '/api/v1/usual': `?${SERIES}`,
  '/api/v1/audience': '?label=rule=host_down',
  '/api/v1/alerts/known': '?match=host_down',
};

test('every GET route answers with what its schema says', async () => {
  const described = routes()
    .filter(({ method, about }) => method === 'GET' && about?.answer !== undefined)
    // Of a host of a hub, which this agent is not, and of an alert, of which it has none: test/outputs/hub and test/e2e/why ask for them.
    .filter(({ path }) => !path.includes(':id'));
  expect(described.length).toBeGreaterThan(18);
  for (const { path, about } of described) {
    const { status, text } = await get(path + (QUERIES[path] ?? ''));
    expect([path, status]).toEqual([path, 200]);
    const parsed = about!.answer!.safeParse(JSON.parse(text));
    expect([path, parsed.error?.issues ?? []]).toEqual([path, []]);
  }
  const { text } = await get('/api/v1/openapi.json');
  expect(JSON.parse(text)).toEqual(
    expect.objectContaining({ paths: expect.objectContaining({ '/api/v1/query': expect.anything() }) }),
  );
});

const now = Date.now();
const MALFORMED = [
  'from=-1',
  'from=NaN',
  'from=Infinity',
  'from=1e300',
  'from=soon',
  `from=${now}&to=${now - 1}`,
  `from=${now}&to=${now}`,
  'from=0&to=8640000000000000',
  'width=0',
  'width=-5',
  'width=1e9',
  'width=1.5',
  'fn=sum',
  'fn=',
  'limit=1',
  'from=1&from=2',
];

test.each(MALFORMED)('a query with %s is refused with a reason', async (query) => {
  const { status, text } = await get(`/api/v1/query?s=cpu.usage_idle{cpu=cpu-total}&${query}`);
  expect(status).toBe(400);
  expect((JSON.parse(text) as { readonly error: string }).error.length).toBeGreaterThan(10);
});

const INJECTIONS = [
  "cpu.usage_idle'; DROP TABLE blocks; --",
  "cpu.usage_idle{cpu=' OR 1=1 --}",
  'no.such{a=b}',
  'cpu.__proto__',
  '__proto__.constructor{__proto__=x}',
  'cpu.usage_idle{cpu="\\u0000"}',
  `${'x'.repeat(1900)}.y`,
];

test.each(INJECTIONS)('an unknown series, or SQL for a name, has no values and harms nothing: %j', async (name) => {
  for (const path of ['query', 'usual']) {
    const { status, text } = await get(`/api/v1/${path}?s=${encodeURIComponent(name)}`);
    if (status === 200) expect(text).not.toMatch(/"(?:mean|low)":\[[^\]]*\d/);
    else expect([path, status]).toEqual([path, 400]);
  }
  for (const path of ['series?q=', 'events?kind=', 'alerts/history?rule=', 'alerts/history?fingerprint=', 'log?limit='])
    expect((await get(`/api/v1/${path}${encodeURIComponent(name)}`)).status).toBeLessThan(500);
  expect((await get('/api/v1/query?s=cpu.usage_idle{cpu=cpu-total}')).text).toMatch(/[[,]\d+\.?\d*[,\]]/);
});

test('no path leads out of the folder of the page', async () => {
  for (const path of [
    '//x',
    '/..%2f',
    '/%2e%2e%2fpackage.json',
    '/..%5c..%5ccli.js',
    '//etc/passwd',
    '/assets/../../cli.js',
  ])
    expect([path, (await get(path)).status]).toEqual([path, 404]);
  expect((await get('/%ff')).status).toBe(400);
});

test('another origin or Host header gets nothing, a session or not', async () => {
  const paths = ['/', '/api/v1/hosts', '/api/v1/log', '/api/v1/stream', '/api/v1/openapi.json', '/healthz'];
  for (const path of paths) {
    for (const host of ['evil.example', 'x.localhost', '127.0.0.1.evil.example'])
      expect([path, (await get(path, { headers: { cookie, host } })).status]).toEqual([path, 421]);
    const origin = 'https://evil.example';
    expect([path, (await get(path, { headers: { cookie, origin } })).status]).toEqual([path, 403]);
  }
  const act = { method: 'POST', headers: { cookie }, body: '{}' };
  expect((await get('/api/v1/silences', act)).status).toBe(403);
  for (const path of ['/api/v1/log', '/api/v1/config', '/api/v1/alerts/history'])
    expect([path, (await get(path, { headers: {} })).status]).toEqual([path, 401]);
});

test(
  'oversized, pipelined, slow and half-open requests are cut off; others are served',
  async () => {
    const host = 'Host: localhost\r\n';
    expect(await raw(`GET / HTTP/1.1\r\n${host}X: ${'x'.repeat(20_000)}\r\n\r\n`, 3000)).toMatch(/^HTTP\/1.1 431 /);
    expect(await raw(`GET /${'x'.repeat(20_000)} HTTP/1.1\r\n${host}\r\n`, 3000)).toMatch(/^HTTP\/1.1 431 /);
    const big = { method: 'POST', headers: { origin: agent.origin, cookie }, body: 'x'.repeat(70_000) };
    expect((await get('/api/v1/acks', big)).status).toBe(413);
    const answers = await raw(`GET /healthz HTTP/1.1\r\n${host}\r\n`.repeat(8), 3000);
    expect(answers.match(/"ok":true/g)).toHaveLength(8);
    const flood = await raw(`GET /api/v1/catalog HTTP/1.1\r\n${host}\r\n`.repeat(500), 5000);
    expect((flood.match(/^HTTP\/1.1 200/gm) ?? []).length).toBeLessThan(500);
    const slow = Array.from({ length: 100 }, () => raw(`GET /healthz HTTP/1.1\r\n${host}X`, 40_000));
    for (let index = 0; index < 300; index += 1) open(index % 2 === 0 ? '' : 'GET /heal').end();
    expect((await get('/healthz')).status).toBe(200);
    for (const text of await Promise.all(slow)) expect(text).toMatch(/^(?:HTTP\/1.1 408 |$)/);
  },
  LIMIT,
);

test('readers of the stream that do not read neither stop the agent nor fill its memory', async () => {
  const before = { memory: memoryOf(agent.cli.child.pid!), gathered: await gathered() };
  const ask = 'GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n';
  let [longest, most] = [0, 0];
  for (let opened = 0; opened < CLIENTS; opened += 100) {
    for (let index = 0; index < 100; index += 1) open(ask).pause();
    const begin = performance.now();
    expect((await get('/healthz')).status).toBe(200);
    longest = Math.max(longest, performance.now() - begin);
    most = Math.max(most, memoryOf(agent.cli.child.pid!));
  }
  await sleep(3000);
  expect(longest).toBeLessThan(5000);
  most = Math.max(most, memoryOf(agent.cli.child.pid!));
  expect(most - before.memory).toBeLessThan(200);
  // It gathers on, and has room for a reader who reads.
  const later = await gathered();
  await waitFor(async () => (await gathered()) > later, { timeout: 10_000 });
  expect(later).toBeGreaterThan(before.gathered);
  for (const socket of sockets) socket.destroy();
  await waitFor(async () => (await get('/api/v1/stream')).status === 200, { timeout: 20_000 });
}, 300_000);

async function gathered(): Promise<number> {
  const { text } = await ask(0, '/api/v1/agent', { socketPath: `${agent.folder}/state/control.sock` });
  return (JSON.parse(text) as AgentAnswer).inputs.find(({ plugin }) => plugin === 'cpu')!.metrics;
}

/** Resident, MiB. */
function memoryOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

test('a thousand wrong passwords open nothing; the owner gets in meanwhile, and the right one after its delay', async () => {
  agent.configure(`{ listen: '127.0.0.1:${agent.port}', password: '${PASSWORD}' }`);
  expect(await agent.run('reload')).toMatchObject({ code: 0 });
  const signIn = (body: unknown) =>
    get('/api/v1/session', { method: 'POST', headers: { origin: agent.origin }, body: JSON.stringify(body) });
  expect((await signIn({ password: PASSWORD })).status).toBe(200);
  const statuses = new Map<number, number>();
  for (let batch = 0; batch < 20; batch += 1) {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => signIn({ password: `wrong ${batch} ${index}` })),
    );
    for (const { status, headers } of answers) {
      expect(headers['set-cookie']).toBeUndefined();
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  }
  expect([...statuses.keys()].sort()).toEqual([401, 429]);
  expect(statuses.get(401)).toBeLessThan(30);
  const right = await signIn({ password: PASSWORD });
  expect(right.status).toBe(429);
  const wait = Number(right.headers['retry-after']);
  expect((await signIn({ token: (await agent.newAddress()).split('#')[1] })).status).toBe(200);
  expect(wait).toBeLessThan(30);
  await sleep(wait * 1000 + 200);
  expect((await signIn({ password: PASSWORD })).status).toBe(200);
}, 120_000);
