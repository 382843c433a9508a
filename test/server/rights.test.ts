/**
 * Roles and scopes against every route of the OpenAPI document. The table below says by rule who may do what; it knows nothing of
 * what the routes declare, so a route that declares too little fails here.
 */
import { readFileSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { startApiServer, type ApiServer, type AskOptions } from '../support/kit/api-server.ts';

import { openTeams, type Teams } from './two-teams.ts';

const PASSWORD = 'correct horse';
const CALLERS = [
  'anonymous',
  'viewer',
  'operator',
  'admin',
  'viewer of shop',
  'operator of shop',
  'admin of shop',
  'token of shop',
  'expired token',
] as const;
type Caller = (typeof CALLERS)[number];

let teams: Teams;
let server: ApiServer;
const credentials = new Map<Caller, Readonly<Record<string, string>>>();
let now = Date.now();

beforeAll(async () => {
  teams = await openTeams();
  const role = (name: 'viewer' | 'operator' | 'admin', scope?: Readonly<Record<string, string[]>>) => ({
    password: PASSWORD,
    role: name,
    ...(scope && { scope }),
  });
  const shop = { team: ['shop'] };
  const clock = { ...(await import('../../src/core/clock.ts')).systemClock, now: () => now };
  server = await startApiServer({
    clock,
    sources: teams.sources,
    section: {
      settings: {
        listen: '127.0.0.1:0',
        tokens: [],
        users: {
          vic: role('viewer'),
          olga: role('operator'),
          ada: role('admin'),
          'shop-vic': role('viewer', shop),
          'shop-olga': role('operator', shop),
          'shop-ada': role('admin', shop),
        },
      },
    },
  });
  const names = ['vic', 'olga', 'ada', 'shop-vic', 'shop-olga', 'shop-ada'];
  const signedIn: readonly Caller[] = [
    'viewer',
    'operator',
    'admin',
    'viewer of shop',
    'operator of shop',
    'admin of shop',
  ];
  for (const [index, caller] of signedIn.entries())
    credentials.set(caller, { cookie: await signIn(names[index]!), origin: server.origin });
  credentials.set('anonymous', { origin: server.origin });
  credentials.set('token of shop', await token({ role: 'viewer', scope: shop, expiresMs: 3_600_000_000 }));
  credentials.set('expired token', await token({ role: 'admin', expiresMs: 60_000 }));
  now += 120_000;
});

afterAll(async () => {
  await server.close();
  await teams.close();
});

async function signIn(user: string, password = PASSWORD): Promise<string> {
  const body = JSON.stringify({ user, password });
  const headers = { origin: server.origin };
  const { status, headers: answered } = await server.ask('/api/v1/session', { method: 'POST', headers, body });
  expect([user, status]).toEqual([user, 200]);
  return answered['set-cookie']?.[0]?.split(';')[0] ?? '';
}

async function token(wish: object): Promise<Readonly<Record<string, string>>> {
  const { text } = await as('admin', '/api/v1/tokens', {
    method: 'POST',
    body: JSON.stringify({ name: 'x', ...wish }),
  });
  return { authorization: `Bearer ${(JSON.parse(text) as { readonly token: string }).token}` };
}

function as(caller: Caller, path: string, options: AskOptions = {}) {
  return server.ask(path, { ...options, headers: { ...credentials.get(caller), ...options.headers } });
}

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly name: string;
}

/** Those that people use; the document is compared with the routes by another test. */
const operations: readonly Operation[] = Object.entries(
  (
    JSON.parse(readFileSync('docs/openapi.json', 'utf8')) as {
      readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    }
  ).paths,
).flatMap(([path, methods]) =>
  Object.keys(methods).map((key) => ({ method: key.toUpperCase(), path, name: `${key.toUpperCase()} ${path}` })),
);

/** Who may pass, by rule; the first that matches counts. */
const everybody = CALLERS.filter((caller) => caller !== 'expired token');
const signedIn = everybody.filter((caller) => caller !== 'anonymous');
const whole: readonly Caller[] = ['viewer', 'operator', 'admin'];
const RULES: readonly (readonly [RegExp, readonly Caller[]])[] = [
  // Whether the process works, and signing in and out.
  [/^GET \/(healthz|readyz)$/, everybody],
  [/^(GET|POST|DELETE) \/api\/v1\/session$/, everybody],
  // Hosts of a hub have credentials of their own, which nobody here has; to begin with, each gets a number to sign.
  [/^POST \/api\/v1\/agents\/nonce$/, CALLERS],
  [/^POST \/api\/v1\/agents\//, []],
  // The control socket only.
  [/^POST \/api\/v1\/(stop|reload|history\/flush|session\/address)$/, []],
  // Admins: rules, tokens, the configuration: about everything, so without a scope.
  [/^POST \/api\/v1\/rules(\/preview)?$/, ['admin']],
  [/^(GET|POST) \/api\/v1\/(fleet\/)?tokens(\/\{id\}\/end)?$/, ['admin']],
  [/^GET \/api\/v1\/config$/, ['admin']],
  [/^POST \/api\/v1\/fleet\/hosts\/\{id\}\/labels$/, ['admin']],
  // Admins: hosts, those of their scope.
  [/^POST \/api\/v1\/fleet\/hosts\//, ['admin', 'admin of shop']],
  // Operators: alerts, those of their scope.
  [/^POST \/api\/v1\/(silences|acks|alerts)(\/|$)/, ['operator', 'admin', 'operator of shop', 'admin of shop']],
  // Viewers: what happened, of their scope; the log is about everything; the agent's own host is the bank's.
  [/^GET \/api\/v1\/(log|agent|processes|inventory)$/, whole],
  [/^GET /, signedIn],
];

function expectedFor({ name }: Operation): readonly Caller[] {
  const rule = RULES.find(([pattern]) => pattern.test(name));
  if (rule === undefined) throw new Error(`${name} is a new route that changes something: who may use it?`);
  return rule[1];
}

/** What each needs to be asked at all. */
const QUERIES: Readonly<Record<string, string>> = {
  'GET /api/v1/query': '?s=disk.used_percent{host=shop-web1,path=/}&from=0&to=3600000',
  'GET /api/v1/usual': '?s=disk.used_percent{host=shop-web1,path=/}&from=0&to=3600000',
  'GET /api/v1/changes': '?host=shop-web1',
  'GET /api/v1/series': '?host=shop-web1',
  'GET /api/v1/audience': '?label=host=shop-web1',
  'GET /api/v1/alerts/known': '?match=disk_*',
};
const FINGERPRINT = () => teams.sources.alerts!()!.alerts()[0]!.alert.fingerprint;
const HOST = { name: 'x', machine: '', boot: 'x', start: 'x', bootedAt: 1, addresses: [], version: '1', protocol: 1 };
const INVENTORY = {
  ...{ os: '', kernel: '', arch: '', cores: 1, memoryBytes: 1, timeZone: '', virtualisation: '', version: '' },
  ...{ isRebootPending: null, tags: {}, addresses: [], inputs: [], sections: [] },
};
const BODIES: Readonly<Record<string, unknown>> = {
  'POST /api/v1/agents/join': { key: 'x', host: HOST },
  'POST /api/v1/agents/nonce': { id: 'x' },
  'POST /api/v1/agents/session': { id: 'x', nonce: 'x', signature: 'x', nextLine: 1, host: HOST },
  'POST /api/v1/agents/key': { key: 'x', signature: 'x' },
  'POST /api/v1/agents/heartbeat': { offsetMs: 0, name: 'x', tags: {}, pending: 0 },
  'POST /api/v1/agents/inventory': INVENTORY,
  'POST /api/v1/agents/why': { fingerprint: 'x' },
  'POST /api/v1/silences': { match: { host: 'shop-web1' }, until: 1e12, comment: '', by: 'x' },
  'POST /api/v1/silences/{id}/expire': { by: 'x' },
  'POST /api/v1/acks': { fingerprint: '', by: 'x', comment: '' },
  'POST /api/v1/acks/{id}/withdraw': { by: 'x' },
  'POST /api/v1/alerts/{id}/resolve': { by: 'x', comment: '' },
};

function pathOf({ name, path }: Operation): string {
  const id = name.includes('/silences/') ? 'shop' : name.includes('/hosts/') ? 'shop-web1' : FINGERPRINT();
  return `${path.replace('{id}', name.includes('/tokens/') ? 'none' : id)}${QUERIES[name] ?? ''}`;
}

function bodyOf({ name }: Operation): string | undefined {
  const body = BODIES[name];
  if (body === undefined) return undefined;
  return JSON.stringify(name === 'POST /api/v1/acks' ? { ...(body as object), fingerprint: FINGERPRINT() } : body);
}

/** What is behind may find nothing, or a body that it cannot read. */
const passed = (status: number) => ![401, 403, 421, 429].includes(status);

/** These would change what the others see. */
const LAST = ['revoke', 'forget'];

test('the table has a rule for every route, and each rule has a route', () => {
  expect(operations.length).toBeGreaterThan(40);
  for (const operation of operations) expectedFor(operation);
  for (const [pattern] of RULES) expect(operations.filter(({ name }) => pattern.test(name))).not.toEqual([]);
});

test.each(CALLERS)('H-037: what %s may do is what the table says, for every route', async (caller) => {
  const outcome: Record<string, boolean> = {};
  for (const operation of operations.filter(({ path }) => !LAST.some((act) => path.endsWith(act)))) {
    const { method, name } = operation;
    const body = bodyOf(operation);
    const { status } = await as(caller, pathOf(operation), { method, ...(body !== undefined && { body }) });
    // A body that is empty is refused with 400 by who signs in: nobody was kept out.
    outcome[name] = name === 'POST /api/v1/session' && caller !== 'expired token' ? status === 400 : passed(status);
  }
  const expected = Object.fromEntries(
    operations
      .filter(({ name }) => name in outcome)
      .map((operation) => [operation.name, expectedFor(operation).includes(caller)]),
  );
  expect(outcome).toEqual(expected);
});

describe('what belongs to another team', () => {
  const READ = operations.filter(({ method, path }) => method === 'GET' && path !== '/api/v1/stream');

  /** As a page would ask for what it may not see. */
  const BANK: Readonly<Record<string, readonly string[]>> = {
    'GET /api/v1/query': [
      '?s=disk.used_percent{host=bank-db1,path=/bank}',
      '?s=disk.used_percent{path=/bank}',
      '?s=disk.used_percent{host=bank-telegraf}',
    ],
    'GET /api/v1/usual': [
      '?s=disk.used_percent{host=bank-db1,path=/bank}&from=0&to=3600000',
      '?s=disk.used_percent{path=/bank}&from=0&to=3600000',
    ],
    'GET /api/v1/changes': ['', '?host=bank-db1'],
    'GET /api/v1/series': ['', '?host=bank-db1'],
    'GET /api/v1/fleet/events': ['', '?host=bank-db1'],
    'GET /api/v1/fleet/lines': ['?metric=load&from=0&to=3600000'],
    'GET /api/v1/fleet/hosts/{id}/inventory': [''],
    'GET /api/v1/audience': ['?label=host=bank-db1', '?label=host=*'],
    'GET /api/v1/alerts/known': ['?match=*', '?match=host=bank-db1'],
  };
  const OPEN = [
    '/healthz',
    '/readyz',
    '/api/v1/openapi.json',
    '/api/v1/catalog',
    '/api/v1/tokens',
    '/api/v1/session',
    '/api/v1/fleet/tokens',
  ];

  test('H-038: no answer has it for a user or a token with a scope, and each has it for one without', async () => {
    for (const { name, path } of READ)
      for (const query of BANK[name] ?? ['']) {
        const asked = `${path.replace('{id}', 'bank-db1')}${query}`;
        for (const caller of ['viewer of shop', 'admin of shop', 'token of shop'] as const) {
          const { status, text } = await as(caller, encodeURI(asked));
          // The refusal repeats the question.
          const answer = status === 404 ? '' : text;
          expect([caller, asked, answer.includes('bank')]).toEqual([caller, asked, false]);
        }
        if (OPEN.includes(path)) continue;
        const { text } = await as('admin', encodeURI(asked));
        expect([asked, text.includes('bank')]).toEqual([asked, true]);
      }
  });

  test('H-038: what is theirs is there', async () => {
    for (const path of [
      'fleet',
      'fleet/events',
      'fleet/inventory',
      'fleet/hosts/shop-web1/inventory',
      'fleet/lines?metric=load&from=0&to=3600000',
      'alerts',
      'alerts/history',
      'alerts/known?match=*',
      `alerts/${FINGERPRINT()}/why`,
      'silences',
      'findings',
      'events',
      'series?host=shop-web1',
      'changes?host=shop-web1',
      'rules',
    ])
      expect([path, (await as('viewer of shop', `/api/v1/${path}`)).text]).toEqual([
        path,
        expect.stringContaining('shop-web1'),
      ]);
  });

  test('H-038: the page itself says nothing about the agent before its script runs', async () => {
    const { text } = await as('viewer of shop', '/');
    expect(text).not.toContain('bank');
  });

  test('H-038: the stream leaves it out', async () => {
    const kinds = [
      'event: sample',
      'event: series',
      'event: alerts',
      'event: findings',
      'event: event',
      'event: processes',
    ];
    const all = await streamed('viewer', kinds);
    expect(all).toContain('bankd');
    expect(all).toContain('host=bank-db1');
    const theirs = await streamed('viewer of shop', kinds.slice(0, 5));
    expect(theirs).toContain('host=shop-web1');
    expect(theirs).not.toContain('bank');
  });

  test('H-038: nobody acts on it', async () => {
    const bank = teams.sources.alerts!()!.alerts()[1]!.alert.fingerprint;
    const silence = (match: object) => ['silences', { match, until: 1e12, comment: '', by: 'x' }] as const;
    const acts = [
      silence({ host: 'bank-db1' }),
      silence({ host: ['shop-web1', 'bank-db1'] }),
      silence({ host: '*' }),
      silence({ host: '!shop-web1' }),
      silence({ host: '~.*' }),
      silence({ rule: 'disk_space' }),
      ['silences/bank/expire', { by: 'x' }],
      ['silences/all/expire', { by: 'x' }],
      ['acks', { fingerprint: bank, by: 'x', comment: '' }],
      [`acks/${bank}/withdraw`, { by: 'x' }],
      [`alerts/${bank}/resolve`, { by: 'x', comment: '' }],
      ['fleet/hosts/bank-db1/approve', undefined],
      ['fleet/hosts/bank-db1/revoke', undefined],
      [`fleet/hosts/${teams.scene.part.control!.host('bank-db1')!.id}/forget`, undefined],
    ] as const;
    const before = teams.asked.length;
    for (const [path, body] of acts) {
      const { status } = await as('admin of shop', `/api/v1/${path}`, { method: 'POST', body: JSON.stringify(body) });
      expect([path, body, [403, 404].includes(status)]).toEqual([path, body, true]);
    }
    expect(teams.asked.slice(before)).toEqual([]);
    expect(teams.scene.part.control!.host('bank-db1')).toBeDefined();
  });

  test('a host does not come into a scope by what its agent claims', async () => {
    const thief = teams.scene.host('bank-thief', { team: 'bank' });
    thief.beatWith({ team: 'shop', evil: 'yes' });
    expect((await as('viewer of shop', '/api/v1/fleet')).text).not.toContain('bank-thief');
    expect((await as('viewer', '/api/v1/fleet')).text).toContain('bank-thief');
  });
});

async function streamed(caller: Caller, until: readonly string[]): Promise<string> {
  const end = new AbortController();
  const headers = { ...credentials.get(caller) };
  const response = await fetch(`${server.origin}/api/v1/stream`, { headers, signal: end.signal });
  let text = '';
  const decoder = new TextDecoder();
  for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(part, { stream: true });
    if (until.every((kind) => text.includes(kind))) break;
  }
  end.abort();
  return text;
}

describe('names', () => {
  test('the audit log has the name of the user, whatever the request says', async () => {
    teams.asked.length = 0;
    const body = JSON.stringify({ match: { host: 'shop-web1' }, until: 1e12, comment: '', by: 'root' });
    await as('operator of shop', '/api/v1/silences', { method: 'POST', body });
    await as('admin', '/api/v1/fleet/hosts/shop-web1/approve', { method: 'POST' });
    expect(teams.asked).toEqual([
      ['silence', expect.objectContaining({ by: 'shop-olga' })],
      ['acted', 'host_approved', 'ada', 'shop-web1'],
    ]);
  });

  test('a wrong password, a wrong name and a name of Object are answered alike', async () => {
    const answers = new Set<string>();
    for (const [user, password] of [
      ['vic', 'wrong horse'],
      ['nobody', PASSWORD],
      ['constructor', PASSWORD],
      ['__proto__', PASSWORD],
    ]) {
      const body = JSON.stringify({ user, password });
      const headers = { origin: server.origin };
      const { status, text } = await server.ask('/api/v1/session', { method: 'POST', headers, body });
      answers.add(`${status} ${text}`);
    }
    expect([...answers]).toEqual(['401 {"error":"The name or the password is wrong"}\n']);
  });

  test('a role and a scope that change count at once; a password that changes ends the sessions of its user only', async () => {
    const users = (vic: object) => ({
      settings: {
        listen: '127.0.0.1:0',
        tokens: [],
        users: {
          vic: { password: PASSWORD, role: 'viewer' as const, ...vic },
          ada: { password: PASSWORD, role: 'admin' as const },
        },
      },
    });
    const mine = await startApiServer({ sources: teams.sources, section: users({}) });
    const cookieOf = async (user: string) => {
      const body = JSON.stringify({ user, password: PASSWORD });
      const headers = { origin: mine.origin };
      return (
        (await mine.ask('/api/v1/session', { method: 'POST', headers, body })).headers['set-cookie']?.[0]?.split(
          ';',
        )[0] ?? ''
      );
    };
    const [vic, ada] = [await cookieOf('vic'), await cookieOf('ada')];
    const status = async (cookie: string, path: string) => (await mine.ask(path, { headers: { cookie } })).status;
    expect(await status(vic, '/api/v1/config')).toBe(403);
    await mine.reload(users({ role: 'admin' }));
    expect(await status(vic, '/api/v1/config')).toBe(200);
    await mine.reload(users({ scope: { team: 'shop' } }));
    expect(await status(vic, '/api/v1/log')).toBe(403);
    await mine.reload(users({ password: 'another horse' }));
    expect(await status(vic, '/api/v1/log')).toBe(401);
    expect(await status(ada, '/api/v1/config')).toBe(200);
    await mine.close();
  });
});

describe('API tokens', () => {
  test('an ended token is refused, and its stream ends', async () => {
    const { text } = await as('admin', '/api/v1/tokens', {
      method: 'POST',
      body: JSON.stringify({ name: 'grafana', role: 'viewer', expiresMs: 3_600_000 }),
    });
    const made = JSON.parse(text) as { readonly token: string; readonly id: string };
    expect(made.token).toMatch(/^hd_api_[\w-]{43}$/);
    const headers = { authorization: `Bearer ${made.token}` };
    const response = await fetch(`${server.origin}/api/v1/stream`, { headers });
    const ended = (async () => {
      await response.arrayBuffer();
    })().catch(() => undefined);
    await as('admin', `/api/v1/tokens/${made.id}/end`, { method: 'POST' });
    await ended;
    expect((await server.ask('/api/v1/log', { headers })).status).toBe(401);
  });

  test('an expired token is refused with words of its own', async () => {
    const { status, text } = await as('expired token', '/api/v1/fleet');
    expect([status, text]).toEqual([401, expect.stringContaining('has expired')]);
  });

  test('neither the list nor the file has a token', async () => {
    const { text } = await as('admin', '/api/v1/tokens');
    const file = readFileSync(`${server.state}/api-tokens.json`, 'utf8');
    for (const each of [text, file]) expect(each).not.toContain('hd_api_');
    expect(text).not.toContain('hash');
  });
});
