import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { testBatch } from '../../support/kit/batch.ts';
import { startFakeInfluxDb, type FakeInfluxDb } from '../../support/fakes/influxdb.ts';

import { openOutput } from './open.ts';

const BATCH = testBatch(['cpu usage=1 1']);
const folder = mkdtempSync(join(tmpdir(), 'healthd-tls-'));
const key = join(folder, 'key.pem');
const cert = join(folder, 'cert.pem');
let server: FakeInfluxDb;

beforeAll(async () => {
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  execFileSync('openssl', ['req', '-x509', ...curve, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  server = await startFakeInfluxDb({
    version: 2,
    tls: { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') },
  });
});

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

async function write(tls: Record<string, unknown>, url = server.url): Promise<unknown> {
  const output = await openOutput({ url, bucket: 'b', tls });
  try {
    return await output.write(BATCH);
  } finally {
    await output.close();
  }
}

test('a self-signed certificate is rejected', async () => {
  expect(String(await write({}))).toMatch(
    /certificate is self-signed; name it in tls.ca \(DEPTH_ZERO_SELF_SIGNED_CERT\)/,
  );
});

test('a certificate in tls.ca is trusted', async () => {
  expect(await write({ ca: cert })).toBeUndefined();
});

test('any certificate is accepted with insecure_skip_verify', async () => {
  expect(await write({ insecure_skip_verify: true })).toBeUndefined();
});

test('http to a TLS server fails', async () => {
  expect(await write({}, server.url.replace('https', 'http'))).toBeInstanceOf(Error);
});

test('an unreadable file is reported with its path and option', async () => {
  await expect(write({ ca: '/does/not/exist.pem' })).rejects.toThrow('Cannot read /does/not/exist.pem; check tls.ca');
});
