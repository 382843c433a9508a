/**
 * A certificate that a hub makes for itself when none is configured: agents trust it by the fingerprint in the address that they join
 * with. Made once, kept in the state directory.
 */
import { X509Certificate } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

import { retryRename } from '../../core/retry-rename.ts';
import { ConfigError, unlessMissing } from '../../core/errors.ts';
import type { TlsFiles } from '../listener.ts';

export const OWN_CERTIFICATE_FILE = 'hub-certificate.pem';
/** Agents pin it, so a short life would only cut them off. Years. */
const YEARS = 20;
/** A day before now, for agents whose clocks are late. ms. */
const EARLIER_MS = 86_400_000;
const BEGIN_CERTIFICATE = '-----BEGIN CERTIFICATE-----';

/**
 * One that is there is never replaced: agents would not trust the next one.
 *
 * @throws ConfigError for a file that is damaged or no longer valid; the error of the system if it cannot be read or written
 */
export async function ownCertificate(stateDirectory: string, now: number): Promise<TlsFiles> {
  const path = join(stateDirectory, OWN_CERTIFICATE_FILE);
  const known = await unlessMissing(readFile(path, 'utf8'));
  if (known !== undefined) {
    if (isValid(known, now)) return filesIn(known);
    throw new ConfigError(
      `${path} is damaged, or not valid at the time of this host; restore it from a backup of the hub, or delete it and let every host join again`,
    );
  }
  const made = await make(now);
  await write(path, made);
  return filesIn(made);
}

function isValid(pem: string, now: number): boolean {
  try {
    return Date.parse(new X509Certificate(pem).validTo) > now;
  } catch {
    return false; // Not a certificate.
  }
}

/** The certificate, then its key. PEM. */
async function make(now: number): Promise<string> {
  const { default: selfsigned } = await import('selfsigned');
  const notAfterDate = new Date(now);
  notAfterDate.setUTCFullYear(notAfterDate.getUTCFullYear() + YEARS);
  const name = hostname();
  const { cert, private: key } = await selfsigned.generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(now - EARLIER_MS),
    notAfterDate,
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: name }] }],
  });
  return `${cert.trim()}\n${key.trim()}\n`;
}

/** Only its owner can read it. Complete or not at all. */
async function write(path: string, pem: string): Promise<void> {
  const draft = `${path}.new`;
  await rm(draft, { force: true });
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(pem);
    await file.sync();
  } finally {
    await file.close();
  }
  await retryRename(() => rename(draft, path));
}

function filesIn(pem: string): TlsFiles {
  const end = pem.indexOf('-----BEGIN', BEGIN_CERTIFICATE.length);
  return { cert: Buffer.from(pem.slice(0, end)), key: Buffer.from(pem.slice(end)) };
}
