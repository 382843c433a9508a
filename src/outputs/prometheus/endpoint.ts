/** The HTTP server that Prometheus scrapes. */
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { isIP, type AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

import { describeError, errorCode, type Logger, type TlsMaterial } from '../../plugin/index.ts';

import type { Address } from './address.ts';
import { Connections } from './connections.ts';
import type { Credentials } from './credentials.ts';
import { EXPOSITION_TYPES, type Exposition } from './exposition.ts';
import { acceptsGzip, chooseFormat } from './negotiate.ts';

export interface EndpointSettings {
  readonly address: Address;
  readonly path: string;
  readonly tls: TlsMaterial | undefined;
  readonly credentials: Credentials | undefined;
  readonly metrics: (format: Exposition) => string;
  readonly log: Logger;
  /** Idle timeout of a socket. Milliseconds; for tests. */
  readonly idleTimeout?: number;
}

export interface Endpoint {
  /** Resolves when the server is listening. @throws if it cannot bind the address */
  listen(): Promise<void>;
  /** Where another program on this host reaches the address. */
  readonly url: string;
  close(): Promise<void>;
}

const compress = promisify(gzip);

/** Longer than usual scrape intervals, so that connections are reused. */
const KEEP_ALIVE_MS = 120_000;
/** Idle clients must not use up the connections. */
const IDLE_TIMEOUT_MS = 60_000;

export function createEndpoint(settings: EndpointSettings): Endpoint {
  const { address, log } = settings;
  const connections = new Connections(log);
  let listening: Promise<Server> | undefined;
  const start = () => {
    const server = createServerFor(settings);
    connections.watch(server);
    return startListening(server, address).then(() => {
      server.on('error', (error) => {
        log.error(`The endpoint for Prometheus failed: ${describeError(error)}`);
      });
      log.info('Listening for scrapes', { url: urlOf(server, settings) });
      return server;
    });
  };
  return {
    url: urlAt(address.port, settings, '127.0.0.1'),
    async listen() {
      listening ??= start();
      try {
        await listening;
      } catch (error) {
        listening = undefined;
        throw error;
      }
    },
    async close() {
      // A server that failed to listen needs no closing.
      const server = await listening?.catch(() => undefined);
      if (server === undefined) return;
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      connections.close();
      await closed;
    },
  };
}

function createServerFor(settings: EndpointSettings): Server {
  const { tls, log, idleTimeout = IDLE_TIMEOUT_MS } = settings;
  const listener: RequestListener = (request, response) => {
    answer(request, response, settings).catch((error: unknown) => {
      log.error(`A scrape failed: ${describeError(error)}`);
      response.destroy();
    });
  };
  const server =
    tls === undefined
      ? createServer(listener)
      : createTlsServer({ ...tls, requestCert: tls.ca !== undefined, minVersion: 'TLSv1.2' }, listener);
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.timeout = idleTimeout;
  return server;
}

function startListening(server: Server, { host, port }: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(new Error(`Cannot listen on ${host ?? ''}:${port}: ${reasonOf(error)}`, { cause: error }));
    });
    server.listen({ host, port }, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the address is in use, perhaps by another healthd; stop that program or change listen',
  EADDRNOTAVAIL: 'this host does not have that address; correct listen',
  EACCES: 'ports below 1024 require privileges; change listen',
  ENOTFOUND: 'the host name cannot be resolved; correct listen',
};

function reasonOf(error: unknown): string {
  return REASONS[errorCode(error) ?? ''] ?? describeError(error);
}

function urlOf(server: Server, settings: EndpointSettings): string {
  // Null once the server is closed, which may happen immediately.
  return urlAt((server.address() as AddressInfo | null)?.port ?? settings.address.port, settings);
}

function urlAt(port: number, { tls, path, address }: EndpointSettings, anyHost = '0.0.0.0'): string {
  const host = address.host ?? anyHost;
  return `http${tls === undefined ? '' : 's'}://${host.includes(':') ? `[${host}]` : host}:${port}${path}`;
}

/** Tells another healthd whose endpoint it is. */
export const SERVER = 'healthd';

function isLoopback(host: string | undefined): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host ?? '');
}

/**
 * Whether a Host header names this host: `localhost` or a loopback address. Any other name on a loopback address comes from a
 * browser whose name service was tricked into it (DNS rebinding). Health checks of HTTP 1.0 have no such header, browsers do.
 */
function isLocalName(header: string | undefined): boolean {
  if (header === undefined) return true;
  const name = header.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return name === 'localhost' || name.endsWith('.localhost') || (isIP(name) !== 0 && isLoopback(name));
}

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
}

async function answer(request: IncomingMessage, response: ServerResponse, settings: EndpointSettings): Promise<void> {
  const { status, headers, body } = refusalOf(request, settings) ?? (await exposition(request, settings));
  response.writeHead(status, { server: SERVER, ...headers, 'content-length': Buffer.byteLength(body) });
  // For HEAD, Node omits the body.
  response.end(body);
}

/** @returns undefined if the request is allowed */
function refusalOf({ method, url, headers }: IncomingMessage, settings: EndpointSettings): Reply | undefined {
  const { path, credentials, address } = settings;
  // Credentials keep such a browser out, and a proxy on this host may pass on the name that its clients use.
  if (isLoopback(address.host) && credentials === undefined && !isLocalName(headers.host))
    return refusal(
      421,
      'This endpoint is for this host alone, so the Host header must name it: localhost or its address; behind a proxy, set its Host header or credentials',
    );
  if (credentials?.accepts(headers.authorization) === false)
    return refusal(401, 'This endpoint requires credentials', { 'www-authenticate': credentials.challenge });
  if (url?.replace(/\?.*$/, '') !== path) return refusal(404, `The metrics are at ${path}`);
  if (method !== 'GET' && method !== 'HEAD') return refusal(405, 'Use GET', { allow: 'GET, HEAD' });
  return undefined;
}

function refusal(status: number, text: string, headers: Reply['headers'] = {}): Reply {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers }, body: `${text}\n` };
}

async function exposition({ headers }: IncomingMessage, { metrics }: EndpointSettings): Promise<Reply> {
  const format = chooseFormat(headers.accept);
  const plain = { 'content-type': EXPOSITION_TYPES[format], vary: 'accept, accept-encoding' };
  const text = metrics(format);
  if (!acceptsGzip(headers['accept-encoding']?.toString())) return { status: 200, headers: plain, body: text };
  // Level 1: higher levels save too few bytes for the CPU time they take.
  const body = await compress(text, { level: 1 });
  return { status: 200, headers: { ...plain, 'content-encoding': 'gzip' }, body };
}
