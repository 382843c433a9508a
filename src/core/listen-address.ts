/** Where a server listens. */
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
  return name === 'localhost' || name === '::1' || isLoopbackIpv4(name);
}

/** A name such as `127.0.0.1.example.org` is none. */
function isLoopbackIpv4(name: string): boolean {
  const parts = /^127\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(name)?.slice(1);
  return parts?.every((part) => Number(part) <= 255) ?? false;
}

/** The host of a `Host` header, in lower case and without brackets; undefined if it is malformed. */
export function parseHostHeader(header: string): string | undefined {
  const [, ipv6, name] = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::\d{1,5})?$/i.exec(header) ?? [];
  return (ipv6 ?? name)?.toLowerCase();
}

/** `127.0.0.1:8400`, `[::1]:8400`, `:8400`. */
export function listenText({ host = '', port }: Pick<ListenAddress, 'host' | 'port'>): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
