/** The HTTP proxy for a URL: an option of the plugin, or HTTPS_PROXY, HTTP_PROXY and NO_PROXY of the environment. */
import { isIP } from 'node:net';

import type { HostEnvironment } from '../machine.ts';

import { parseNoProxy } from './no-proxy.ts';

export interface Proxy {
  /** `http:` or `https:`, without credentials. */
  readonly url: URL;
  /** Host and port: safe to print. */
  readonly where: string;
  /** Value of the header `Proxy-Authorization`; undefined without credentials. Secret. */
  readonly authorization: string | undefined;
}

/**
 * @param option `off`, the URL of a proxy, or undefined for the environment
 * @returns undefined for a direct connection
 * @throws Error that never quotes the URL of the proxy, which may hold a password
 */
export function proxyFor(url: URL, option: string | undefined, environment: HostEnvironment): Proxy | undefined {
  if (option === 'off') return undefined;
  if (option !== undefined) return parseProxy(option, 'proxy');
  const name = url.protocol === 'https:' ? 'https_proxy' : 'http_proxy';
  const value = variable(environment, name);
  if (value === '') return undefined;
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (isLoopback(host) || parseNoProxy(variable(environment, 'no_proxy'))(host, portOf(url))) return undefined;
  return parseProxy(value, name.toUpperCase());
}

/** Lower case first, as in curl. */
function variable(environment: HostEnvironment, name: string): string {
  return (environment[name] ?? environment[name.toUpperCase()] ?? '').trim();
}

/** A proxy cannot reach a service on this host. Go's programs make the same exception. */
function isLoopback(host: string): boolean {
  return (
    host === 'localhost' || host.endsWith('.localhost') || host === '::1' || (isIP(host) === 4 && /^127\./.test(host))
  );
}

/** A value without a scheme is a host and port, as most programs accept. */
function parseProxy(text: string, source: string): Proxy {
  const full = text.includes('://') ? text : `http://${text}`;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new Error(`${source} is not the address of an HTTP proxy; use a form such as http://proxy.example.org:3128`);
  }
  const authorization = basic(url);
  url.username = '';
  url.password = '';
  return { url, where: url.host, authorization };
}

function basic({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  return `Basic ${Buffer.from(`${decoded(username)}:${decoded(password)}`).toString('base64')}`;
}

/** Text with a `%` that begins no escape is taken as it is. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}
