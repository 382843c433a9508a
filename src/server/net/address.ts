/** Where the server listens. */
import { isIP } from 'node:net';

export interface ListenAddress {
  /** Undefined: all addresses of the host. */
  readonly host: string | undefined;
  readonly port: number;
  /** Whether only programs on this host reach it. */
  readonly isLoopback: boolean;
}

/** `host:port`, `[IPv6]:port` or `:port`; undefined for anything else. Port 0 takes any free one. */
export function parseListen(text: string): ListenAddress | undefined {
  const [, ipv6, name, digits] = /^(?:\[([\da-f:.]+)\]|([\w.-]*)):(\d{1,5})$/i.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) return undefined;
  const given = ipv6 ?? name ?? '';
  const host = given === '' ? undefined : given;
  return { host, port, isLoopback: isLoopbackName(host) };
}

/** `localhost` or a loopback address. A name below `localhost` is not one: some resolvers ask the network for it. */
export function isLoopbackName(host: string | undefined): boolean {
  if (host === undefined) return false;
  const name = host.toLowerCase();
  if (name === 'localhost') return true;
  return isIP(name) === 4 ? name.startsWith('127.') : name === '::1';
}

/** The host and port of a `Host` header, without brackets; undefined if it is malformed. */
export function parseHostHeader(header: string): string | undefined {
  const [, ipv6, name] = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::\d{1,5})?$/i.exec(header) ?? [];
  return (ipv6 ?? name)?.toLowerCase();
}
