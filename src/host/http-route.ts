/** The way to a server for every HTTP client: its certificates, and directly or through a proxy. */
import { Agent as PlainAgent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';

import type { HttpRoute, HttpTarget } from '../plugin/index.ts';

import type { HostEnvironment } from './machine.ts';
import { proxyFor, type Proxy } from './proxy/proxy.ts';
import { TunnelAgent } from './proxy/tunnel-agent.ts';

/** A route whose proxy is known to the host. */
export interface OpenRoute extends HttpRoute {
  readonly agent: PlainAgent;
  readonly proxy: Proxy | undefined;
}

/** Option of Node's agents: how long a connection is kept without use. Milliseconds. Default: until the server closes it. */
interface IdleLimit {
  readonly timeout?: number;
}

/**
 * Shorter than what proxies, load balancers and NAT keep; some of them drop a connection silently, and the next request
 * would hang until its deadline. Milliseconds.
 */
const IDLE_MS = 55_000;

/** @throws Error if the address of the proxy is not usable */
export function openRoute(target: HttpTarget, environment: HostEnvironment, idle: IdleLimit = {}): OpenRoute {
  const url = new URL(target.url);
  const proxy = proxyFor(url, target.proxy, environment);
  const kept = { keepAlive: true, ...idle };
  if (url.protocol === 'https:') {
    const options = { ...kept, ...target.tls };
    return { agent: proxy === undefined ? new TlsAgent(options) : new TunnelAgent(options, proxy), proxy };
  }
  if (proxy === undefined) return { agent: new PlainAgent(kept), proxy };
  const { url: address, authorization } = proxy;
  return {
    agent: address.protocol === 'https:' ? new TlsAgent(kept) : new PlainAgent(kept),
    proxy,
    forward: {
      proxy: address.href,
      headers: authorization === undefined ? {} : { 'proxy-authorization': authorization },
    },
  };
}

/** Keeps a route for each set of certificates, proxy option and server, so that connections are reused. */
export class Routes {
  readonly #environment: HostEnvironment;
  readonly #routes = new WeakMap<object, Map<string, OpenRoute>>();

  constructor(environment: HostEnvironment) {
    this.#environment = environment;
  }

  /** @throws Error if the address of the proxy is not usable */
  to(target: HttpTarget): OpenRoute {
    const routes = this.#routes.get(target.tls ?? this) ?? new Map<string, OpenRoute>();
    this.#routes.set(target.tls ?? this, routes);
    const key = `${target.proxy ?? ''} ${new URL(target.url).origin}`;
    const route = routes.get(key) ?? openRoute(target, this.#environment, { timeout: IDLE_MS });
    routes.set(key, route);
    return route;
  }
}
