/** Sign-in by a real OpenID provider. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { serverSchema } from '../../src/server/settings.ts';
import { startApiServer, type ApiServer } from '../support/kit/api-server.ts';
import { freePort } from '../support/servers/real-server.ts';
import { Browser, OpenIdProvider } from '../support/servers/openid-provider.ts';

const SECRET = 'a secret of the client, long enough';
const GROUPS = { admins: { role: 'admin' }, shop: { role: 'operator', scope: { team: 'shop' } } } as const;
const START = '/api/v1/session/oidc';

let provider: OpenIdProvider;
let server: ApiServer;
let port: number;

const settings = (changes: object = {}) => {
  const oidc = {
    issuer: provider.issuer,
    client_id: 'healthd',
    client_secret: SECRET,
    title: 'Acme login',
    scopes: ['openid', 'profile', 'groups'],
    groups: GROUPS,
    ...changes,
  };
  const parsed = serverSchema.parse({ listen: `127.0.0.1:${port}`, oidc });
  if (parsed === false) throw new Error('The port is off');
  return { settings: parsed };
};

beforeAll(async () => {
  port = await freePort();
  provider = await OpenIdProvider.start(`http://127.0.0.1:${port}${START}/callback`, SECRET);
});
afterAll(() => provider.close());

let browser: Browser;
beforeEach(async () => {
  browser = new Browser();
  provider.account = { id: 'u1', claims: { preferred_username: 'ann', groups: ['staff', 'shop', 'admins'] } };
  server = await startApiServer({ section: settings() });
});
afterEach(() => server.close());

const session = async () => {
  const { text } = await server.ask('/api/v1/session', { headers: { cookie: browser.cookies(server.origin) } });
  return JSON.parse(text) as Record<string, unknown>;
};
const open = (path: string) => browser.open(`${server.origin}${path}`);
/** Signs in at the provider, and stops before the browser is back. */
const callback = async () => {
  const { url } = await browser.open(`${server.origin}${START}`, ({ pathname }) => pathname === `${START}/callback`);
  return url;
};

test('H-039: a group gives a role; the first of the list counts; the page knows the provider', async () => {
  expect(await session()).toMatchObject({ mayRead: false, role: null, oidc: 'Acme login' });
  const { status, text } = await open(START);
  expect([status, text]).toEqual([200, expect.stringContaining('url=/"')]);
  expect(await session()).toMatchObject({ mayRead: true, role: 'admin', name: 'ann (OpenID)' });
  await server.reload(settings({ groups: { shop: GROUPS.shop, admins: GROUPS.admins } }));
  expect(await session()).toMatchObject({ role: 'operator' });
  await server.reload(settings({ groups: { others: { role: 'admin' } } }));
  expect(await session()).toMatchObject({ mayRead: false, role: null });
});

test('H-039: one in none of the groups gets no session, and reads why', async () => {
  provider.account = { id: 'u2', claims: { preferred_username: '<b>eve</b>', groups: 'admins2' } };
  const { status, text } = await open(START);
  expect([status, text]).toEqual([403, expect.stringContaining('None of the groups of &#60;b&#62;eve')]);
  expect(text).not.toContain('<b>');
  expect(await session()).toMatchObject({ mayRead: false });
});

test('H-039: a session by the provider ends after half a day', async () => {
  await open(START);
  const cookie = browser.cookies(server.origin);
  const { headers } = await server.ask('/api/v1/session', { headers: { cookie } });
  expect(headers['set-cookie']).toBeUndefined();
  expect(/=(\d+)\./.exec(cookie)?.[1]).toBeDefined();
  const end = Number(/=(\d+)\./.exec(cookie)?.[1]);
  expect(end - Date.now()).toBeLessThanOrEqual(43_200_000);
});

describe('H-040: an answer is refused', () => {
  const tried = async (change: (url: URL) => void) => {
    const url = await callback();
    change(url);
    const { status, text } = await browser.open(url.href);
    expect(await session()).toMatchObject({ mayRead: false });
    return `${status} ${text}`;
  };

  test('of another browser', async () => {
    const url = await callback();
    const other = new Browser();
    const { status, text } = await other.open(url.href);
    expect([status, text]).toEqual([400, expect.stringContaining('was not begun in this browser')]);
  });

  test.each([
    [
      'with another state',
      (url: URL) => {
        url.searchParams.set('state', 'x');
      },
    ],
    [
      'without a state',
      (url: URL) => {
        url.searchParams.delete('state');
      },
    ],
    [
      'of another issuer',
      (url: URL) => {
        url.searchParams.set('iss', 'https://evil.example');
      },
    ],
    [
      'with another code',
      (url: URL) => {
        url.searchParams.set('code', 'x');
      },
    ],
    [
      'without a code',
      (url: URL) => {
        url.searchParams.delete('code');
      },
    ],
  ] as const)('%s', async (_, change) => {
    expect(await tried(change)).toMatch(/^502 .*The sign-in with Acme login failed/);
  });

  test('that says what was wrong at the provider', async () => {
    const refused = (url: URL) => {
      url.searchParams.delete('code');
      url.searchParams.set('error', 'access_denied');
      url.searchParams.set('error_description', '<script>no</script>');
    };
    const answer = await tried(refused);
    expect(answer).toContain('access_denied: &#60;script&#62;');
  });

  test('a second time', async () => {
    const url = await callback();
    const cookies = browser.cookies(server.origin);
    expect((await browser.open(url.href)).status).toBe(200);
    const again = await fetch(url, { headers: { cookie: cookies, connection: 'close' } });
    expect([again.status, await again.text()]).toEqual([502, expect.stringContaining('failed')]);
  });

  test('of an attempt whose cookie was changed', async () => {
    const url = await callback();
    const cookie = browser.cookies(server.origin).replace('healthd_oidc=', 'healthd_oidc=A');
    expect((await fetch(url, { headers: { cookie, connection: 'close' } })).status).toBe(400);
  });
});

test('H-040: a page of another site can lead to the end of a sign-in, but not begin one', async () => {
  const foreign = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
  expect((await server.ask(START, { headers: foreign })).status).toBe(403);
  expect((await server.ask(`${START}/callback?code=x`, { headers: foreign })).status).toBe(400);
});

describe('H-041: a provider', () => {
  let fake: Server;
  let answers: (path: string) => { readonly status?: number; readonly body: string };
  let asked = 0;
  beforeEach(async () => {
    asked = 0;
    fake = createServer((request, response) => {
      asked += 1;
      const { status = 200, body } = answers(request.url ?? '');
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(body);
    });
    await new Promise<void>((resolve) => fake.listen(0, '127.0.0.1', resolve));
    await server.reload(settings({ issuer: issuer() }));
  });
  afterEach(() => {
    fake.closeAllConnections();
    fake.close();
  });
  const issuer = () => `http://127.0.0.1:${(fake.address() as AddressInfo).port}`;

  test.each([
    ['that says it is another', () => ({ body: JSON.stringify({ issuer: 'https://evil.example' }) })],
    ['that answers with a page', () => ({ body: '<html>' })],
    ['that fails', () => ({ status: 500, body: '{}' })],
    ['that pours', () => ({ body: `{"issuer":"${'x'.repeat(3_000_000)}"}` })],
    [
      'that sends people to an address that is not encrypted',
      () => ({
        body: JSON.stringify({
          issuer: issuer(),
          authorization_endpoint: 'http://192.0.2.1/',
          token_endpoint: issuer(),
        }),
      }),
    ],
  ] as const)('%s is refused with a reason', async (_, answer) => {
    answers = answer;
    const { status, text } = await server.ask(START);
    expect([status, text]).toEqual([502, expect.stringMatching(/The sign-in with Acme login failed: ./)]);
  });

  test('that fails is not asked again at once', async () => {
    answers = () => ({ status: 500, body: '{}' });
    for (let index = 0; index < 5; index += 1) await server.ask(START);
    expect(asked).toBe(1);
  });
});

test.each([
  [{ issuer: 'http://id.example.org' }, 'must be https, except on a loopback address'],
  [{ issuer: 'ftp://id.example.org' }, 'Invalid'],
  [{ groups: {} }, 'needs a group, or nobody can sign in'],
  [{ scopes: ['profile'] }, 'needs openid'],
])('a section with %j is refused', (changes, message) => {
  const oidc = { issuer: 'https://id.example.org', client_id: 'x', groups: GROUPS, ...changes };
  expect(serverSchema.safeParse({ oidc }).error?.message).toContain(message);
});
