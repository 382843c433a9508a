import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { createHttpClient } from '../../../src/host/http-client.ts';
import { openRoute } from '../../../src/host/http-route.ts';
import type { HttpRequest } from '../../../src/plugin/index.ts';
import { startFakeHttp, type FakeHttp } from '../../support/fakes/http.ts';
import { startFakeProxy, type FakeProxy, type FakeProxySettings } from '../../support/fakes/proxy.ts';
import { selfSigned, type Certificate } from '../../support/kit/certificate.ts';
import { waitFor } from '../../support/servers/real-server.ts';

const NEVER = new AbortController().signal;

let certificate: Certificate;
let service: FakeHttp;
let proxy: FakeProxy;
const closed: { close(): unknown }[] = [];

beforeAll(async () => {
  certificate = await selfSigned();
});

beforeEach(() => start({}));

afterEach(async () => {
  for (const each of closed.splice(0)) await each.close();
});

async function start({ isTls = false, ...settings }: FakeProxySettings & { readonly isTls?: boolean }): Promise<void> {
  service = await startFakeHttp(() => ({ status: 200, body: 'ok' }), isTls ? certificate : undefined);
  proxy = await startFakeProxy(settings);
  closed.push(service, proxy);
}

/** The service under a name that only the proxy can resolve. */
function named(): string {
  return service.url.replace('127.0.0.1', 'service.test');
}

function trusting(): NonNullable<HttpRequest['tls']> {
  return { ca: Buffer.from(certificate.cert), rejectUnauthorized: true };
}

async function failure(request: HttpRequest, signal = NEVER): Promise<string> {
  try {
    return `answered ${(await createHttpClient()(request, signal)).status}`;
  } catch (error) {
    const { name, message } = error as Error;
    return `${name}: ${message}`;
  }
}

describe('N-001: http:// through a proxy', () => {
  it('sends the proxy the whole URL, with the Host of the service and the credentials of each', async () => {
    await start({ credentials: 'ann:p@ss' });
    const request = {
      url: `${named().replace('://', '://bob:hunter2@')}/hook?key=1#part`,
      proxy: proxy.url.replace('://', '://ann:p%40ss@'),
      headers: { 'x-one': '1' },
      body: '{}',
    };
    const { status, body } = await createHttpClient()(request, NEVER);
    expect({ status, body }).toEqual({ status: 200, body: 'ok' });
    expect(proxy.asked).toEqual([`POST ${named()}/hook?key=1`]);
    expect(service.requests[0]).toMatchObject({
      path: '/hook',
      query: { key: '1' },
      body: '{}',
      headers: {
        host: named().slice('http://'.length),
        'x-one': '1',
        authorization: `Basic ${Buffer.from('bob:hunter2').toString('base64')}`,
      },
    });
  });

  it('takes the proxy of the environment', async () => {
    const client = createHttpClient({ http_proxy: proxy.url });
    expect((await client({ url: `${named()}/` }, NEVER)).status).toBe(200);
    expect((await client({ url: `${service.url}/` }, NEVER)).status).toBe(200);
    expect(proxy.asked).toEqual([`POST ${named()}/`]);
  });

  it('says that the proxy requires or rejects credentials, and never shows them', async () => {
    await start({ credentials: 'ann:p@ss' });
    expect(await failure({ url: `${named()}/`, proxy: proxy.url })).toBe(
      `RetryableError: ${new URL(named()).host}: the proxy ${proxy.host} requires credentials (407); give user name and password in its URL`,
    );
    const wrong = await failure({ url: `${named()}/`, proxy: proxy.url.replace('://', '://ann:wrong-pass@') });
    expect(wrong).toContain(`the proxy ${proxy.host} rejected the credentials (407)`);
    expect(wrong).not.toContain('wrong-pass');
    expect(service.requests).toEqual([]);
  });

  it('names the proxy if nothing listens there', async () => {
    await proxy.close();
    expect(await failure({ url: `${named()}/`, proxy: proxy.url })).toBe(
      `RetryableError: ${new URL(named()).host}: the proxy ${proxy.host}: nothing listens there; start the proxy or correct its address (ECONNREFUSED)`,
    );
  });
});

describe('N-001: https:// through a proxy', () => {
  beforeEach(() => start({ isTls: true, credentials: 'ann:p@ss' }));

  const asking = (change: Partial<HttpRequest> = {}): HttpRequest => ({
    url: `${named()}/hook?key=s3cr3t`,
    proxy: proxy.url.replace('://', '://ann:p%40ss@'),
    tls: trusting(),
    body: '{}',
    headers: { authorization: 'Bearer t0ken' },
    ...change,
  });

  it('opens a tunnel that shows the proxy neither path nor headers, once for several requests', async () => {
    const client = createHttpClient();
    const request = asking();
    for (let count = 0; count < 3; count += 1) expect((await client(request, NEVER)).body).toBe('ok');
    expect(proxy.asked).toEqual([`CONNECT ${new URL(named()).host}`]);
    expect(JSON.stringify(proxy.headers)).not.toMatch(/s3cr3t|t0ken/);
    expect(service.requests).toHaveLength(3);
    expect(service.requests[2]).toMatchObject({
      path: '/hook',
      body: '{}',
      headers: { authorization: 'Bearer t0ken' },
    });
    expect(service.requests[2]?.headers['proxy-authorization']).toBeUndefined();
  });

  it('verifies the certificate of the service inside the tunnel', async () => {
    expect(await failure(asking({ tls: { rejectUnauthorized: true } }))).toMatch(
      /its certificate is self-signed; name its authority in tls.ca/,
    );
    expect(await failure(asking({ url: named().replace('service.test', 'other.test') }))).toMatch(
      /its certificate is for another name/,
    );
    expect(await failure(asking({ tls: { rejectUnauthorized: false } }))).toBe('answered 200');
  });

  it.each([
    [407, 'rejected the credentials (407)'],
    [403, 'does not allow connections to service.test:'],
    [502, 'cannot connect to service.test:'],
    [199, 'cannot connect to service.test:'],
  ])(
    'says what the proxy refuses with %i; its answer is not taken for the answer of the service',
    async (status, reason) => {
      proxy.refusal = status;
      const text = await failure(asking());
      expect(text).toContain(`RetryableError: ${new URL(named()).host}: the proxy ${proxy.host} ${reason}`);
      expect(text).not.toMatch(/p@ss|p%40ss|s3cr3t|YW5u/);
    },
  );

  it('names the proxy if nothing listens there, or if it closes the connection', async () => {
    const rude = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(rude, 'listening');
    closed.push(rude);
    const { port } = rude.address() as AddressInfo;
    expect(await failure(asking({ proxy: `http://127.0.0.1:${port}` }))).toContain(
      `the proxy 127.0.0.1:${port}: the connection was closed before the answer (ECONNRESET)`,
    );
    await proxy.close();
    expect(await failure(asking())).toContain(
      `the proxy ${proxy.host}: nothing listens there; start the proxy or correct its address (ECONNREFUSED)`,
    );
  });

  it('ends at the deadline if the proxy does not answer, and leaves no connection when its route is destroyed', async () => {
    proxy.refusal = 'hang';
    expect(await failure(asking(), AbortSignal.timeout(50))).toContain('RetryableError');
    const { agent } = openRoute(asking(), {});
    const { request } = await import('node:https');
    const before = proxy.asked.length;
    const failed = once(request(named(), { agent }).end(), 'error');
    await waitFor(() => proxy.asked.length > before);
    const open = proxy.openConnections;
    agent.destroy();
    await failed;
    await waitFor(() => proxy.openConnections < open);
  });

  it('says which setting lets it trust a proxy that speaks TLS', async () => {
    await start({ isTls: true, certificate });
    expect(await failure(asking({ proxy: proxy.url }))).toContain(
      `the proxy ${proxy.host}: its certificate is self-signed; name its authority in NODE_EXTRA_CA_CERTS`,
    );
  });
});

it('N-001: a proxy of the environment that is not usable fails the request, to be tried again', async () => {
  const request = createHttpClient({ HTTP_PROXY: 'socks5://ann:hunter2@proxy.test' })({ url: 'http://x.test/' }, NEVER);
  await expect(request).rejects.toMatchObject({
    name: 'RetryableError',
    message: 'x.test: HTTP_PROXY is not the address of an HTTP proxy; use a form such as http://proxy.example.org:3128',
  });
});
