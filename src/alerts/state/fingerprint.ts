/** The stable id of an alert, the same in every notification about it. */
import type { Tags } from '../../metric/metric.ts';

const OFFSET = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;
/** Cannot occur in UTF-8, so it is an unambiguous separator. */
const SEPARATOR = 0xff;

const encoder = new TextEncoder();

/**
 * 64-bit FNV-1a as 16 hex digits, the format that receivers of Alertmanager webhooks expect. Hashes the rule and the
 * non-empty identity tags as `key 0xff value 0xff`, in the order of keys. The rule has the empty key, which no tag has.
 */
export function fingerprint(rule: string, identity: Tags): string {
  const tags = Object.entries(identity)
    .filter(([, value]) => value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1));
  let hash = OFFSET;
  for (const text of ['', rule, ...tags.flat()]) {
    for (const byte of encoder.encode(text)) hash = step(hash, byte);
    hash = step(hash, SEPARATOR);
  }
  return hash.toString(16).padStart(16, '0');
}

function step(hash: bigint, byte: number): bigint {
  return BigInt.asUintN(64, (hash ^ BigInt(byte)) * PRIME);
}
