/** The HTTP server of the API: on the control socket, and on a TCP port. */
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';

import { describeError } from '../core/errors.ts';
import type { Logger } from '../plugin/index.ts';

import type { Endpoint } from './endpoint.ts';
import { Connections } from './net/connections.ts';

/** A client that sends its request slowly, or not to its end, is cut off. */
const LIMITS: ServerOptions = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 2000,
  keepAliveTimeout: 65_000,
  maxHeaderSize: 16 * 1024,
  keepAlive: true,
};
/** Without a byte in either direction; streams have a heartbeat. */
const IDLE_TIMEOUT_MS = 90_000;
const MAX_HEADERS = 100;

/** The user that healthd runs as, and root. */
const OWNER_ONLY = 0o600;

export interface Listener {
  close(): Promise<void>;
}

export interface PortListener extends Listener {
  /** The one that was bound. */
  readonly port: number;
  /** Ends the open connections; new ones are taken. */
  disconnect(): void;
  /** New connections use it. @throws if certificate and key do not match */
  setTls(tls: TlsFiles): void;
}

/** PEM. */
export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/**
 * Listens on a socket that only its user may open. The caller holds the lock on the state directory, so an existing
 * socket is stale and is removed.
 *
 * @throws the system error if the socket cannot be created
 */
export async function listenOnSocket(endpoint: Endpoint, handler: RequestListener, log: Logger): Promise<Listener> {
  const { path, isFile } = endpoint;
  const server = createServer(LIMITS, handler);
  const connections = guard(server, log);
  if (isFile) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    rmSync(path, { force: true });
  }
  // The umask sets the mode at creation, so the socket is never open to others, not even briefly.
  const before = isFile ? process.umask(0o177) : undefined;
  const bound = bind(server, { path });
  if (before !== undefined) process.umask(before);
  await bound;
  if (isFile) chmodSync(path, OWNER_ONLY);
  return { close: () => close(server, connections) };
}

/** @throws the system error if the port cannot be bound; the error of OpenSSL for a certificate that it refuses */
export async function listenOnPort(
  { host, port }: { readonly host: string | undefined; readonly port: number },
  tls: TlsFiles | undefined,
  handler: RequestListener,
  log: Logger,
): Promise<PortListener> {
  const server =
    tls === undefined
      ? createServer(LIMITS, handler)
      : createTlsServer({ ...LIMITS, ...tls, minVersion: 'TLSv1.2', handshakeTimeout: 10_000 }, handler);
  const connections = guard(server, log);
  await bind(server, { port, ...(host === undefined ? {} : { host }) });
  return {
    port: (server.address() as AddressInfo | null)?.port ?? port,
    setTls: (next) => {
      if (tls !== undefined) (server as TlsServer).setSecureContext(next);
    },
    disconnect: () => {
      connections.close();
    },
    close: () => close(server, connections),
  };
}

function guard(server: Server, log: Logger): Connections {
  server.timeout = IDLE_TIMEOUT_MS;
  server.maxHeadersCount = MAX_HEADERS;
  const connections = new Connections(log);
  connections.watch(server);
  server.on('error', (error) => {
    if (server.listening) log.error(`The API failed: ${describeError(error)}`);
  });
  return connections;
}

function bind(server: Server, where: { path: string } | { port: number; host?: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function close(server: Server, connections: Connections): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
    connections.close();
  });
}
