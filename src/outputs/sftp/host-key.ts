/** Host keys: fingerprints and the known_hosts format. */
import { createHash, createHmac } from 'node:crypto';

import { compileGlobs } from '../../plugin/index.ts';

/** `SHA256:…`, the format of OpenSSH. */
export function fingerprint(key: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** `ssh-ed25519`: a key begins with the name of its type, preceded by a 32-bit length. */
export function keyType(key: Uint8Array): string {
  const bytes = Buffer.from(key);
  return bytes.length < 4 ? 'unknown' : bytes.toString('latin1', 4, 4 + bytes.readUInt32BE(0));
}

export interface KnownHost {
  /** Fingerprints of the host's keys in the file. */
  readonly trusted: readonly string[];
  readonly revoked: readonly string[];
  /** Host key algorithms for which the server presents one of those keys. */
  readonly algorithms: readonly string[];
}

/**
 * Looks up a host in a known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). Certificate authorities are ignored.
 *
 * @param text content of the file
 */
export function knownHost(text: string, host: string, port: number): KnownHost {
  const name = port === 22 ? host : `[${host}]:${port}`;
  const entries = text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .map((words) => (words[0]?.startsWith('@') === true ? words : ['', ...words]))
    .filter(
      ([, hosts, , key]) => hosts !== undefined && key !== undefined && !hosts.startsWith('#') && names(hosts, name),
    )
    .map(([marker, , type = '', key = '']) => ({ marker, type, print: fingerprint(Buffer.from(key, 'base64')) }));
  const trusted = entries.filter(({ marker }) => marker === '');
  return {
    trusted: trusted.map(({ print }) => print),
    revoked: entries.filter(({ marker }) => marker === '@revoked').map(({ print }) => print),
    algorithms: [...new Set(trusted.flatMap(({ type }) => signaturesOf(type)))],
  };
}

/** An RSA key can be used with any of these signature algorithms. */
function signaturesOf(type: string): readonly string[] {
  return type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'] : [type];
}

/** Whether the host column, `a.example.org,*.b,!c` or hashed, matches a host. */
function names(column: string, name: string): boolean {
  const [, method, salt = '', hash] = column.split('|');
  if (column.startsWith('|')) {
    const own = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64');
    return method === '1' && own === hash;
  }
  const patterns = column.toLowerCase().split(',');
  const matching = patterns.filter((pattern) => matches(pattern.replace(/^!/, ''), name.toLowerCase()));
  return matching.length > 0 && !matching.some((pattern) => pattern.startsWith('!'));
}

/** Characters. Host names have 253. */
const LONGEST_PATTERN = 300;

/** Only `*` and `?` are special here. */
function matches(pattern: string, name: string): boolean {
  if (pattern.length > LONGEST_PATTERN) return false;
  return compileGlobs([pattern.replace(/[[{\\]/g, '\\$&')])(name);
}
