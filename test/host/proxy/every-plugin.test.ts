/** Every plugin that sends over HTTP takes the proxy of its option and of the environment. */
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { notifiers } from '../../../src/notifiers/index.ts';
import { outputs } from '../../../src/outputs/index.ts';
import { testContext } from '../../../src/testing.ts';
import { startFakeHttp, type FakeHttp } from '../../support/fakes/http.ts';
import { startFakeProxy, type FakeProxy } from '../../support/fakes/proxy.ts';
import { testBatch } from '../../support/kit/batch.ts';
import { selfSigned, type Certificate } from '../../support/kit/certificate.ts';
import { openOutput } from '../../support/kit/open-output.ts';
import { firing } from '../../support/kit/sample-alerts.ts';

type Options = Readonly<Record<string, unknown>>;

/** Notifiers and outputs that do not speak HTTP, or serve it; and `hub`, whose address is no option: it uses the host's client. */
const NOT_HTTP = {
  notifiers: ['console', 'email', 'exec'],
  outputs: [
    ...['console', 'discard', 'file', 'hub', 'prometheus'],
    ...['graphite', 'kafka', 'logstash', 'mqtt', 'nats', 'sftp', 'syslog'],
  ],
};

const ADDRESS: Readonly<Record<string, (url: string) => Options>> = {
  graylog: (url) => ({ address: `${url}/gelf` }),
  influxdb: (url) => ({ url, bucket: 'b' }),
  pagerduty: (url) => ({ url, routing_key: 'key' }),
};

let certificate: Certificate;
let plain: FakeHttp;
let secure: FakeHttp;
let proxy: FakeProxy;

beforeAll(async () => {
  certificate = await selfSigned();
});

beforeEach(async () => {
  plain = await startFakeHttp(() => ({ status: 204 }));
  secure = await startFakeHttp(() => ({ status: 204 }), certificate);
  proxy = await startFakeProxy({ credentials: 'ann:p@ss' });
});

afterEach(async () => {
  await Promise.all([plain.close(), secure.close()]);
  await proxy.close();
});

const named = (url: string) => url.replace('127.0.0.1', 'service.test');
const withUser = (url: string) => url.replace('://', '://ann:p%40ss@');

type Send = (options: Options, environment: Record<string, string>) => Promise<unknown>;

/** What the answer means to the plugin does not matter here: the request has arrived, or has not. */
function contract(name: string, send: Send): void {
  const options = (url: string) => ADDRESS[name]?.(url) ?? { url };

  it('http:// through HTTP_PROXY', async () => {
    await send(options(named(plain.url)), { HTTP_PROXY: withUser(proxy.url) });
    expect(plain.requests.length).toBeGreaterThan(0);
    expect(plain.requests[0]?.headers.host).toBe(named(plain.url).slice('http://'.length));
    expect(proxy.asked[0]).toContain(named(plain.url));
  });

  it('http:// through the proxy of the option, before that of the environment', async () => {
    await send({ ...options(plain.url), proxy: withUser(proxy.url) }, { HTTP_PROXY: 'http://127.0.0.1:1' });
    expect(plain.requests.length).toBeGreaterThan(0);
    expect(proxy.asked[0]).toContain(plain.url);
  });

  it('https:// through a tunnel', async () => {
    await send(
      { ...options(named(secure.url)), tls: { insecure_skip_verify: true } },
      { https_proxy: withUser(proxy.url) },
    );
    expect(secure.requests.length).toBeGreaterThan(0);
    expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT ${named(secure.url).slice('https://'.length)}`]));
  });

  it('past the proxy for this host, and with proxy: off', async () => {
    await send(options(plain.url), { HTTP_PROXY: proxy.url });
    await send({ ...options(plain.url), proxy: 'off' }, { HTTP_PROXY: proxy.url, no_proxy: '' });
    expect(plain.requests.length).toBeGreaterThan(1);
    expect(proxy.asked).toEqual([]);
  });

  it('names neither user nor password of a proxy that refuses', async () => {
    for (const url of [plain.url, secure.url]) {
      const error = await send({ ...options(url), proxy: proxy.url.replace('://', '://ann:wrong-pass@') }, {});
      expect(error).toBeInstanceOf(Error);
      expect(String(error)).toContain('407');
      expect(String(error)).not.toMatch(/wrong-pass|YW5u/);
    }
  });
}

describe.each(Object.keys(notifiers).filter((name) => !NOT_HTTP.notifiers.includes(name)))(
  'N-001: the notifier %s',
  (name) => {
    const send: Send = async (options, environment) => {
      const plugin = await notifiers[name]!();
      const context = testContext({ environment });
      const notifier = await plugin.create(plugin.config.parse(options), context);
      return notifier.notify(firing(), AbortSignal.timeout(5000)).catch((error: unknown) => error);
    };
    contract(name, send);
  },
);

describe.each(Object.keys(outputs).filter((name) => !NOT_HTTP.outputs.includes(name)))(
  'N-001: the output %s',
  (name) => {
    const send: Send = async (options, environment) => {
      const output = await openOutput(await outputs[name]!(), options, { environment });
      const batch = testBatch(['cpu,host=a usage=1 1700000000000000000']);
      const failed = (await output.connect(AbortSignal.timeout(5000))) ?? (await output.write(batch));
      await output.close();
      return failed;
    };
    contract(name, send);
  },
);
