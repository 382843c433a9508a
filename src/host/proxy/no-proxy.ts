/**
 * NO_PROXY, as curl and Go read it: a list separated by commas or spaces of host names (with their subdomains; a leading
 * `.` or `*.` changes nothing), IP addresses, CIDR ranges, each optionally with a port, or `*` for every host.
 */
import { BlockList, isIP } from 'node:net';

export type IsExcluded = (host: string, port: number) => boolean;

interface Entry {
  readonly matches: (host: string) => boolean;
  readonly port: number | undefined;
}

/** Entries that are none of these match nothing. */
export function parseNoProxy(text: string): IsExcluded {
  const entries = text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((item) => item !== '')
    .map(parseEntry);
  return (host, port) => entries.some((entry) => (entry.port ?? port) === port && entry.matches(host));
}

function parseEntry(item: string): Entry {
  const { host, port } = splitPort(item);
  if (host === '*') return { matches: () => true, port };
  const [address = '', prefix] = host.split('/');
  if (isIP(address) !== 0) return { matches: inRange(address, prefix), port };
  const name = host.replace(/^\*?\./, '').replace(/\.$/, '');
  return { matches: (given) => name !== '' && (given === name || given.endsWith(`.${name}`)), port };
}

/** `host:port`, `[::1]:port`; an address of IPv6 without brackets has no port. */
function splitPort(item: string): { readonly host: string; readonly port: number | undefined } {
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(item);
  if (match === null) return { host: item, port: undefined };
  return { host: match[1] ?? match[2] ?? '', port: match[3] === undefined ? undefined : Number(match[3]) };
}

function inRange(address: string, prefix: string | undefined): Entry['matches'] {
  const family = familyOf(address);
  const longest = family === 'ipv4' ? 32 : 128;
  const length = prefix === undefined ? longest : Number(prefix);
  if (!Number.isInteger(length) || length < 0 || length > longest) return () => false;
  const range = new BlockList();
  range.addSubnet(address, length, family);
  return (host) => isIP(host) !== 0 && range.check(host, familyOf(host));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
