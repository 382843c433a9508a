/** The HTTP server of the API: on the control socket, and on a TCP port. */
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { dirname } from 'node:path';

import { bindServer, type BoundServer, type ServerSettings } from '../host/http-server/bind.ts';
import type { Logger } from '../plugin/index.ts';

import type { Endpoint } from './endpoint.ts';

/** Some open pages with six connections each, programs, and room. */
const MAX_CONNECTIONS = 256;

/** Besides, each agent of a hub keeps a connection. */
export const MAX_AGENT_CONNECTIONS = 6000;

/** The user that healthd runs as, and root. */
const OWNER_ONLY = 0o600;

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
export async function listenOnSocket(endpoint: Endpoint, handler: RequestListener, log: Logger): Promise<BoundServer> {
  const { path, isFile } = endpoint;
  if (isFile) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    rmSync(path, { force: true });
  }
  // The umask sets the mode at creation, so the socket is never open to others, not even briefly.
  const before = isFile ? process.umask(0o177) : undefined;
  const bound = bindServer({ path }, settingsOf(undefined, handler, log));
  if (before !== undefined) process.umask(before);
  const server = await bound;
  if (isFile) chmodSync(path, OWNER_ONLY);
  return server;
}

/** @throws the system error if the port cannot be bound; the error of OpenSSL for a certificate that it refuses */
export function listenOnPort(
  address: { readonly host: string | undefined; readonly port: number },
  tls: TlsFiles | undefined,
  handler: RequestListener,
  log: Logger,
  maxConnections = MAX_CONNECTIONS,
): Promise<BoundServer> {
  return bindServer(address, settingsOf(tls, handler, log, maxConnections));
}

function settingsOf(
  tls: TlsFiles | undefined,
  handler: RequestListener,
  log: Logger,
  maxConnections = MAX_CONNECTIONS,
): ServerSettings {
  return { tls, handler, log, name: 'The API', maxConnections };
}
