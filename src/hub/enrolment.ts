/** Join tokens, and what they give. */
import { randomBytes } from 'node:crypto';

import type { HostEvidence, JoinRequest } from '../api/hub-protocol.ts';
import type { Tags } from '../metric/metric.ts';

import { newAccount } from './positions.ts';
import type { HostRecord, TokenRecord } from './records.ts';
import { HubRefusal } from './refusal.ts';
import { hashOf, JOIN_PREFIX, publicKey, randomToken } from './secrets.ts';

export interface TokenWish {
  readonly tags: Tags;
  readonly expiresMs: number;
  readonly uses: number;
  readonly forgetAfterMs: number | undefined;
  /** Default: none. */
  readonly cloneOf?: string;
}

/** @returns the token, which is stored nowhere, and what is kept of it */
export function makeToken(wish: TokenWish, now: number): { readonly token: string; readonly record: TokenRecord } {
  const token = `${JOIN_PREFIX}${randomToken()}`;
  const { tags, expiresMs, uses, forgetAfterMs, cloneOf } = wish;
  const hash = hashOf(token);
  const id = hash.slice(0, 8);
  const record = { hash, id, tags, createdAt: now, expiresAt: now + expiresMs, uses, used: 0, forgetAfterMs, cloneOf };
  return { token, record };
}

/** @throws HubRefusal */
export function checkToken(record: TokenRecord | undefined, now: number): TokenRecord {
  const remedy = 'make another one with "healthd hub token create" on the hub';
  if (record === undefined) throw new HubRefusal('token_unknown', `The hub does not know this join token; ${remedy}`);
  if (record.expiresAt <= now) throw new HubRefusal('token_expired', `The join token has expired; ${remedy}`);
  if (record.used >= record.uses) throw new HubRefusal('token_used', `The join token was used up; ${remedy}`);
  return record;
}

/** @throws HubRefusal */
export function checkKey(key: string): void {
  if (publicKey(key) === undefined) throw new HubRefusal('unknown', 'The key is not an Ed25519 public key');
}

/**
 * The host that a join continues: the same key, so the answer to the first one was lost; or the same machine under the same name
 * whose agent has lost its state directory, and which is down or has stopped.
 */
export function predecessorOf({ key, host }: JoinRequest, hosts: Iterable<HostRecord>): HostRecord | undefined {
  const known = [...hosts].filter(({ revokedAt }) => revokedAt === undefined);
  const isSame = ({ machine, name }: HostRecord) =>
    host.machine !== '' && machine === host.machine && name === host.name;
  // Machines of one image that join one after the other are not silent for so long.
  const isGone = ({ presence }: HostRecord) => presence === 'down' || presence === 'stopped';
  return known.find((each) => each.key === key) ?? known.find((each) => isSame(each) && isGone(each));
}

export function newHost(
  { key, host }: JoinRequest,
  { tags: granted, forgetAfterMs, cloneOf }: TokenRecord,
  isApproved: boolean,
  now: number,
): HostRecord {
  return {
    id: randomBytes(16).toString('hex'),
    formerNames: [],
    granted,
    tags: granted,
    key,
    isApproved,
    revokedAt: undefined,
    joinedAt: now,
    presence: isApproved ? 'up' : 'pending',
    since: now,
    formerStarts: [],
    heardAge: 0,
    offsetMs: undefined,
    account: newAccount(),
    pending: 0,
    forgetAfterMs,
    clonedFrom: cloneOf,
    ...evidenceOf(host, now),
  };
}

/** What a message of the host says about it. */
export function evidenceOf(host: HostEvidence, now: number) {
  const { name, boot, start, machine, bootedAt, version, addresses, hub } = host;
  return { name, boot, start, machine, bootedAt, version, addresses, hub, heardAt: now, goodbye: undefined };
}
