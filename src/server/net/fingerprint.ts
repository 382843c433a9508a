import { X509Certificate } from 'node:crypto';

/** SHA-256 of the first certificate of a chain, base64url. @param pem the chain */
export function fingerprintOf(pem: Buffer): string {
  return Buffer.from(new X509Certificate(pem).fingerprint256.replaceAll(':', ''), 'hex').toString('base64url');
}
