import { describe, expect, it } from '@jest/globals';

import { proxyFor } from '../../../src/host/proxy/proxy.ts';

const PROXY = 'http://proxy.test:3128';

function isDirect(url: string, noProxy: string): boolean {
  const environment = { HTTP_PROXY: PROXY, HTTPS_PROXY: PROXY, NO_PROXY: noProxy };
  return proxyFor(new URL(url), undefined, environment) === undefined;
}

describe('N-001: NO_PROXY', () => {
  it.each([
    ['http://db.example.org/', 'db.example.org'],
    ['http://DB.Example.org/', 'db.EXAMPLE.org'],
    ['http://db.example.org/', 'example.org'],
    ['http://db.example.org/', '.example.org'],
    ['http://db.example.org/', '*.example.org'],
    ['http://db.example.org./', 'example.org'],
    ['http://db.example.org/', 'a.test, b.test  example.org'],
    ['http://db.example.org:8086/', 'example.org:8086'],
    ['https://db.example.org/', 'example.org:443'],
    ['http://10.1.2.3/', '10.0.0.0/8'],
    ['http://10.1.2.3:8086/', '10.1.2.3'],
    ['http://[fd00::12]/', 'fd00::/8'],
    ['http://[fd00::12]:8086/', '[fd00::12]:8086'],
    ['https://anything.test/', '*'],
  ])('%s goes past the proxy with %s', (url, noProxy) => {
    expect(isDirect(url, noProxy)).toBe(true);
  });

  it.each([
    ['http://example.org/', ''],
    ['http://notexample.org/', 'example.org'],
    ['http://example.org.evil.test/', 'example.org'],
    ['http://db.example.org/', 'example.org:8086'],
    ['http://11.1.2.3/', '10.0.0.0/8'],
    ['http://10.1.2.3/', '10.0.0.0/99'],
    ['http://10.1.2.3/', '10.0.0.0/x'],
    ['http://[fe80::1]/', 'fd00::/8'],
    ['http://db.example.org/', 'org.'.repeat(3)],
    ['http://db.example.org/', ',. ,:80'],
  ])('%s goes through the proxy with "%s"', (url, noProxy) => {
    expect(isDirect(url, noProxy)).toBe(false);
  });
});

describe('N-001: the proxy of a URL', () => {
  const of = (url: string, option: string | undefined, environment: Record<string, string>) =>
    proxyFor(new URL(url), option, environment)?.where;

  it('is HTTPS_PROXY for https and HTTP_PROXY for http, in lower case first', () => {
    const environment = {
      HTTPS_PROXY: 'http://a.test:1',
      HTTP_PROXY: 'http://b.test:2',
      http_proxy: 'http://c.test:3',
    };
    expect(of('https://x.test/', undefined, environment)).toBe('a.test:1');
    expect(of('http://x.test/', undefined, environment)).toBe('c.test:3');
    expect(of('https://x.test/', undefined, { HTTP_PROXY: PROXY })).toBeUndefined();
    expect(of('https://x.test/', undefined, { HTTPS_PROXY: ' ' })).toBeUndefined();
  });

  it('is the option before the environment, whatever NO_PROXY says', () => {
    const environment = { HTTP_PROXY: PROXY, NO_PROXY: '*' };
    expect(of('http://x.test/', 'http://option.test:8080', environment)).toBe('option.test:8080');
    expect(of('http://x.test/', 'off', { HTTP_PROXY: PROXY })).toBeUndefined();
  });

  it.each(['http://localhost:8086/', 'http://db.localhost/', 'http://127.0.0.9/', 'http://[::1]:8086/'])(
    'of the environment is never used for %s, the option is',
    (url) => {
      expect(of(url, undefined, { HTTP_PROXY: PROXY })).toBeUndefined();
      expect(of(url, PROXY, {})).toBe('proxy.test:3128');
    },
  );

  it('may have no scheme, and may have credentials, which its name does not show', () => {
    expect(of('http://x.test/', undefined, { HTTP_PROXY: 'proxy.test:3128' })).toBe('proxy.test:3128');
    const proxy = proxyFor(new URL('http://x.test/'), 'http://ann:p%40ss%@proxy.test:3128', {});
    expect(proxy?.where).toBe('proxy.test:3128');
    expect(proxy?.url.href).toBe('http://proxy.test:3128/');
    expect(proxy?.authorization).toBe(`Basic ${Buffer.from('ann:p%40ss%').toString('base64')}`);
  });

  it.each(['socks5://ann:hunter2@proxy.test:1080', 'http://ann:hunter2@', 'http://ann:hunter2@proxy.test:x'])(
    'of another kind is an error without the password: %s',
    (value) => {
      const find = () => of('https://x.test/', undefined, { HTTPS_PROXY: value });
      expect(find).toThrow('HTTPS_PROXY is not the address of an HTTP proxy; use a form such as http://');
      expect(find).not.toThrow(/hunter2/);
    },
  );
});
