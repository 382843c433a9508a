/** An HTTP server with bounded connections, headers and times: the API, and what plugins listen on. */
import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer, type ServerOptions as TlsOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Server as TlsServer } from 'node:tls';

import { describeError, errorCode } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import { listenText } from '../../core/listen-address.ts';

import { Connections } from './connections.ts';

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

export interface ServerSettings {
  /** Certificate and key (PEM); with `ca`, clients need a certificate too. Default: no TLS. */
  readonly tls: Pick<TlsOptions, 'cert' | 'key' | 'ca'> | undefined;
  readonly maxConnections: number;
  /** What failed, in the log, such as `The API`. */
  readonly name: string;
  readonly handler: RequestListener;
  readonly log: Logger;
  /** Default: those of every server. For tests. */
  readonly limits?: ServerOptions & { readonly idleTimeout?: number };
}

/** A path: a Unix socket, or a named pipe on Windows. */
export type Where = { readonly path: string } | { readonly host: string | undefined; readonly port: number };

export interface BoundServer {
  /** The TCP port; undefined on a path. */
  readonly port: number | undefined;
  /** New connections use it. @throws if certificate and key do not match */
  setTls(tls: ServerSettings['tls']): void;
  /** Ends the open connections; new ones are taken. */
  disconnect(): void;
  close(): Promise<void>;
}

/** @throws the system error if the address cannot be bound; the error of OpenSSL for a certificate that it refuses */
export async function bindServer(where: Where, settings: ServerSettings): Promise<BoundServer> {
  const { maxConnections, log, name } = settings;
  const server = createServerFor(settings);
  const connections = new Connections(maxConnections, log);
  connections.watch(server);
  server.on('error', (error) => {
    if (server.listening) log.error(`${name} failed: ${describeError(error)}`);
  });
  await listening(server, where);
  return {
    port: 'path' in where ? undefined : ((server.address() as AddressInfo | null)?.port ?? where.port),
    setTls: (next) => {
      if (next !== undefined && server instanceof TlsServer) server.setSecureContext(next);
    },
    disconnect: () => {
      connections.close();
    },
    close: () => close(server, connections),
  };
}

function createServerFor({ tls, handler, limits = {} }: ServerSettings): Server {
  const { idleTimeout = IDLE_TIMEOUT_MS, ...given } = limits;
  const options = { ...LIMITS, ...given };
  const server =
    tls === undefined
      ? createServer(options, handler)
      : createTlsServer(
          { ...options, ...tls, requestCert: tls.ca !== undefined, minVersion: 'TLSv1.2', handshakeTimeout: 10_000 },
          handler,
        );
  server.timeout = idleTimeout;
  server.maxHeadersCount = MAX_HEADERS;
  return server;
}

function listening(server: Server, where: Where): Promise<void> {
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

const REASONS: Readonly<Record<string, (option: string) => string>> = {
  EADDRINUSE: (option) => `the address is in use, perhaps by another healthd; stop that program or change ${option}`,
  EADDRNOTAVAIL: (option) => `this host does not have that address; correct ${option}`,
  EACCES: (option) => `ports below 1024 require privileges; change ${option}`,
  ENOTFOUND: (option) => `the host name cannot be resolved; correct ${option}`,
};

/** @param option of the configuration, which has the address */
export function bindProblem(
  error: unknown,
  address: { readonly host: string | undefined; readonly port: number },
  option: string,
): string {
  const reason = REASONS[errorCode(error) ?? '']?.(option) ?? describeError(error);
  return `Cannot listen on ${listenText(address)}: ${reason}`;
}
