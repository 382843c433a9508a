/** Which names a request may use for this host, and whether a page of another origin made it. */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

import { isLoopbackName, parseHostHeader, type ListenAddress } from '../../core/listen-address.ts';

export interface OwnNames {
  readonly listen: ListenAddress;
  /** Whether the port speaks TLS. */
  readonly isSecure: boolean;
  /** Where a reverse proxy shows the page. */
  readonly publicUrl: URL | undefined;
  /** Of this machine. */
  readonly hostnames: readonly string[];
}

/**
 * Against DNS rebinding: a foreign name that resolves to this host makes a browser send the requests of a foreign page here. An
 * address in the `Host` header cannot be rebound. Programs that speak HTTP 1.0 send no such header, browsers do.
 */
export function isOwnHost(header: string | undefined, { listen, publicUrl, hostnames }: OwnNames): boolean {
  if (header === undefined) return true;
  const name = parseHostHeader(header);
  if (name === undefined) return false;
  if (isLoopbackName(name) || name === listen.host?.toLowerCase() || name === hostOf(publicUrl)) return true;
  if (listen.isLoopback) return false;
  return isIP(name) !== 0 || hostnames.some((own) => own.toLowerCase() === name);
}

/** Whether the request was made by a program or a person on this host: not through a proxy. */
export function isFromHere({ headers, socket, httpVersion }: IncomingMessage, { listen }: OwnNames): boolean {
  if (!listen.isLoopback || !isLoopbackName(plainAddress(socket.remoteAddress))) return false;
  // A proxy may add no header and not pass on the Host: nginx speaks HTTP 1.0 unless told otherwise.
  if (httpVersion === '1.0') return false;
  const isForwarded = PROXY_HEADERS.some((name) => headers[name] !== undefined);
  return !isForwarded && (headers.host === undefined || isLoopbackName(parseHostHeader(headers.host)));
}

const PROXY_HEADERS = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip'];

function plainAddress(address = ''): string {
  return address.replace(/^::ffff:/i, '');
}

export type Origin = 'same' | 'foreign' | 'unknown';

/** Where the request comes from, by the headers that browsers send and pages cannot change. */
export function originOf({ headers }: IncomingMessage, { isSecure, publicUrl }: OwnNames): Origin {
  const { origin, host } = headers;
  if (origin !== undefined) {
    const isSame = origin === `http${isSecure ? 's' : ''}://${host ?? ''}` || origin === publicUrl?.origin;
    return isSame ? 'same' : 'foreign';
  }
  const site = headers['sec-fetch-site'];
  if (site === undefined) return 'unknown';
  // `none`: the address was typed or opened from a bookmark.
  return site === 'same-origin' || site === 'none' ? 'same' : 'foreign';
}

export function hostOf(url: URL | undefined): string | undefined {
  return url?.hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase();
}
