/**
 * How a host changes its key. It offers a new one, signed with the old; both are good until the new one signs in for the first time,
 * which ends the old. A hub or an agent that stops in between goes on with a key that the hub knows.
 */
import { keyOfferText, type KeyOffer } from '../api/hub-protocol.ts';

import type { HostRecord } from './records.ts';
import { HubRefusal } from './refusal.ts';
import { isSigned, publicKey } from './secrets.ts';

/** A key is changed after this. ms. */
const KEY_MS = 90 * 86_400_000;

export type Signer = 'key' | 'next' | 'former';

/** Which key of the host has signed; undefined: none. */
export function signerOf({ key, nextKey, formerKey }: HostRecord, text: Buffer, signature: string): Signer | undefined {
  if (isSigned(text, key, signature)) return 'key';
  if (nextKey !== undefined && isSigned(text, nextKey, signature)) return 'next';
  return formerKey !== undefined && isSigned(text, formerKey, signature) ? 'former' : undefined;
}

/** Somebody wants it, or it is time. */
export function wantsKey({ isKeyWanted, keyAt, joinedAt }: HostRecord, now: number): boolean {
  return isKeyWanted === true || now - (keyAt ?? joinedAt) > KEY_MS;
}

/** @throws HubRefusal; then nothing has changed */
export function offered(host: HostRecord, { key, signature }: KeyOffer): void {
  if (publicKey(key) === undefined) throw new HubRefusal('unknown', 'The new key is not an Ed25519 public key');
  if (!isSigned(keyOfferText(host.id, key), host.key, signature))
    throw new HubRefusal('unknown', 'The new key is not signed with the one that joined');
  if (key !== host.key) host.nextKey = key;
}

/** The new one has signed in. */
export function adopted(host: HostRecord, now: number): void {
  if (host.nextKey === undefined) return;
  host.formerKey = host.key;
  host.key = host.nextKey;
  host.nextKey = undefined;
  host.keyAt = now;
  host.isKeyWanted = false;
}
