export interface Address {
  /** Undefined: listens on all addresses of the host. */
  readonly host: string | undefined;
  readonly port: number;
}

/** `host:port`, `[IPv6]:port` or `:port`; undefined for anything else. */
export function parseAddress(text: string): Address | undefined {
  const [, ipv6, name, digits] = /^(?:\[([\da-f:.]+)\]|([\w.-]*)):(\d{1,5})$/i.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) return undefined;
  const host = ipv6 ?? name ?? '';
  return { host: host === '' ? undefined : host, port };
}
