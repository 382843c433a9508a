/**
 * HTTPS through a proxy: each connection is opened by CONNECT (RFC 9110, 9.3.6), and TLS runs inside it, so the proxy sees
 * only the name and port of the server. Otherwise Node's own agent: pooling and TLS sessions as without a proxy.
 */
import { request as requestPlain, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent, request as requestTls, type AgentOptions, type RequestOptions } from 'node:https';
import { isIPv6 } from 'node:net';
import type { Duplex } from 'node:stream';

import { toError } from '../../core/errors.ts';
import { networkReason } from '../../core/network-error.ts';

import { portOf, type Proxy } from './proxy.ts';

/** Maximum silence of the proxy after CONNECT; a request that is aborted meanwhile leaves its connection this long. Milliseconds. */
const SILENCE_MS = 10_000;

const REMEDIES = {
  start: 'start the proxy or correct its address',
  trust: 'name its authority in NODE_EXTRA_CA_CERTS',
};

type Created = (error: Error | null, socket: Duplex) => void;

export class TunnelAgent extends Agent {
  readonly #proxy: Proxy;
  readonly #opening = new Set<ClientRequest>();

  constructor(options: AgentOptions, proxy: Proxy) {
    super(options);
    this.#proxy = proxy;
  }

  override createConnection(options: RequestOptions, created?: Created): undefined {
    // Node passes the callback always, and takes an error without a socket; its types do not say so.
    const done = created as (error: Error | null, socket?: Duplex) => void;
    const authority = authorityOf(options);
    const connect = askFor(authority, this.#proxy);
    this.#opening.add(connect);
    connect.once('close', () => this.#opening.delete(connect));
    connect.once('error', (error) => {
      done(failure(this.#proxy, error));
    });
    connect.once('connect', ({ statusCode = 0 }: IncomingMessage, socket: Duplex) => {
      if (statusCode >= 200 && statusCode < 300) {
        done(null, super.createConnection({ ...options, socket } as RequestOptions) ?? undefined);
        return;
      }
      socket.destroy();
      done(refused(this.#proxy, authority, statusCode));
    });
    connect.end();
  }

  override destroy(): void {
    for (const connect of this.#opening) connect.destroy();
    super.destroy();
  }
}

function authorityOf({ host, port }: RequestOptions): string {
  const name = host ?? 'localhost';
  return `${isIPv6(name) ? `[${name}]` : name}:${port ?? 443}`;
}

function askFor(authority: string, { url, authorization }: Proxy): ClientRequest {
  const make = url.protocol === 'https:' ? requestTls : requestPlain;
  const connect = make({
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: portOf(url),
    method: 'CONNECT',
    path: authority,
    agent: false,
    headers: {
      host: authority,
      'user-agent': 'healthd',
      ...(authorization === undefined ? {} : { 'proxy-authorization': authorization }),
    },
  });
  return connect.setTimeout(SILENCE_MS, () => {
    connect.destroy(new Error('no answer to CONNECT'));
  });
}

/** An error before a connection to the server existed; names the proxy, never its credentials. */
export function failure({ where }: Proxy, thrown: unknown): Error {
  return new Error(`the proxy ${where}: ${networkReason(thrown, REMEDIES)}`, { cause: toError(thrown) });
}

function refused(proxy: Proxy, authority: string, status = 0): Error {
  if (status === 407) return needsCredentials(proxy);
  const reason = status === 403 ? 'does not allow connections to' : 'cannot connect to';
  return new Error(`the proxy ${proxy.where} ${reason} ${authority} (${status})`);
}

export function needsCredentials({ where, authorization }: Proxy): Error {
  return new Error(
    authorization === undefined
      ? `the proxy ${where} requires credentials (407); give user name and password in its URL`
      : `the proxy ${where} rejected the credentials (407); correct user name and password in its URL`,
  );
}
