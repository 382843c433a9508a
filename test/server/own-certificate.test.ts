import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';

import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { fingerprintOf } from '../../src/server/net/fingerprint.ts';
import { ownCertificate } from '../../src/server/net/own-certificate.ts';

const NOW = Date.parse('2026-11-30T00:00:00Z');
const YEAR_MS = 365 * 86_400_000;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-certificate-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('is made once, for twenty years, and only its owner can read it', async () => {
  const made = await ownCertificate(folder, NOW);
  expect(() => createSecureContext(made)).not.toThrow();
  expect(Date.parse(new X509Certificate(made.cert).validTo)).toBeGreaterThan(NOW + 19 * YEAR_MS);
  expect(statSync(join(folder, 'hub-certificate.pem')).mode & 0o777).toBe(0o600);
  const again = await ownCertificate(folder, NOW + YEAR_MS);
  expect(fingerprintOf(again.cert)).toBe(fingerprintOf(made.cert));
  expect(again.key.toString()).toBe(made.key.toString());
});

test('is never replaced: one that is damaged or too old is an error that says what to do', async () => {
  await ownCertificate(folder, NOW);
  await expect(ownCertificate(folder, NOW + 21 * YEAR_MS)).rejects.toThrow('let every host join again');
  writeFileSync(join(folder, 'hub-certificate.pem'), 'nothing');
  await expect(ownCertificate(folder, NOW)).rejects.toThrow('is damaged');
});
