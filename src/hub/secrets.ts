/** Random tokens, and what is kept of them. */
import { createHash, createPublicKey, randomBytes, verify, type KeyObject } from 'node:crypto';

export const JOIN_PREFIX = 'hd_join_';

/** 256 bits. */
export function randomToken(): string {
  return randomBytes(32).toString('base64url');
}

/** A token of 256 random bits needs no slow hash. Hexadecimal. */
export function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Undefined for anything but an Ed25519 key. @param key SPKI, DER, base64url */
export function publicKey(key: string): KeyObject | undefined {
  try {
    const parsed = createPublicKey({ key: Buffer.from(key, 'base64url'), format: 'der', type: 'spki' });
    return parsed.asymmetricKeyType === 'ed25519' ? parsed : undefined;
  } catch {
    return undefined; // Node says only that it cannot be decoded.
  }
}

export function isSigned(text: Buffer, key: string, signature: string): boolean {
  const parsed = publicKey(key);
  return parsed !== undefined && verify(null, text, parsed, Buffer.from(signature, 'base64url'));
}
