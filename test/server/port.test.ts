/** The port: in use, taken over by a reload, turned off. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { portHolder } from '../../src/server/net/port-holder.ts';
import { certificateFiles, selfSigned } from '../support/kit/certificate.ts';
import { recordingLog } from '../support/kit/recording-log.ts';
import { SETTINGS, startApiServer } from '../support/kit/api-server.ts';
import { waitFor } from '../support/servers/real-server.ts';

async function occupied(): Promise<{ port: number; free(): Promise<unknown> }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    free: () => new Promise((resolve) => server.close(resolve)),
  };
}

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux(
  'a port in use: the log names the holder, and the port is taken when it is free',
  async () => {
    const other = await occupied();
    const log = recordingLog();
    const settings = { ...SETTINGS, tokens: [], listen: `127.0.0.1:${other.port}` };
    const server = await startApiServer({ log, section: { settings } });
    expect(server.part.address).toBeUndefined();
    expect(server.part.trouble).toContain(`127.0.0.1:${other.port}: it is in use by`);
    expect(server.part.trouble).toContain(`(pid ${process.pid})`);
    expect(log.lines.join('\n')).toContain('The page is not served; trying again');
    expect(server.part.newAddress()).toBeUndefined();
    await other.free();
    await waitFor(() => server.part.address !== undefined, { timeout: 20_000 });
    expect(server.part.trouble).toBeUndefined();
    await server.close();
  },
  30_000,
);

onLinux('a port that nobody holds has no holder', async () => {
  const other = await occupied();
  expect(await portHolder(other.port)).toMatch(/\(pid \d+\)$/);
  await other.free();
  expect(await portHolder(other.port)).toBeUndefined();
});

test('without a configured port, a second agent takes another one', async () => {
  const one = await startApiServer({ section: { settings: { tokens: [] } } });
  const two = await startApiServer({ section: { settings: { tokens: [] } } });
  const ports = [one.port, two.port].filter((port) => port !== 1);
  expect(new Set(ports).size).toBe(ports.length);
  for (const port of ports) expect(port).toBeGreaterThanOrEqual(8400);
  await one.close();
  await two.close();
});

test('a reload changes the port, turns it off and on; the control socket stays', async () => {
  const server = await startApiServer();
  const socketPath = join(server.state, 'control.sock');
  const control = async () => (await server.ask('/readyz', { socketPath })).status;
  const before = server.part.address;
  await server.reload({});
  expect(server.part.address).toBe(before);
  await server.reload({ settings: undefined });
  expect(server.part.address).toBeUndefined();
  await expect(server.ask('/healthz')).rejects.toThrow(/ECONNREFUSED/);
  expect(await control()).toBe(200);
  await server.reload({});
  expect(server.part.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  expect(await control()).toBe(200);
  await server.close();
});

test('TLS: with a certificate; one that cannot be used is refused before anything changes', async () => {
  const files = certificateFiles(await selfSigned());
  const other = certificateFiles(await selfSigned());
  const settings = { ...SETTINGS, tokens: [] };
  const server = await startApiServer({
    section: { settings: { ...settings, certificate: files.cert, key: files.key } },
  });
  expect(server.part.address).toMatch(/^https:/);
  const { request } = await import('node:https');
  const headers = await new Promise<Record<string, unknown>>((resolve, reject) => {
    request({ host: '127.0.0.1', port: server.port, path: '/healthz', rejectUnauthorized: false }, (response) => {
      response.resume();
      resolve(response.headers);
    })
      .on('error', reject)
      .end();
  });
  expect(headers['strict-transport-security']).toMatch(/^max-age=/);
  const bad = [
    { certificate: files.cert, key: other.key },
    { certificate: '/nonexistent', key: files.key },
    { certificate: files.key, key: files.key },
  ];
  for (const pair of bad)
    await expect(server.reload({ settings: { ...settings, ...pair } })).rejects.toThrow(/server\.(certificate|key)/);
  expect(server.part.address).toMatch(/^https:/);
  await server.close();
  files.remove();
  other.remove();
});

test('the key of sessions is private, and a damaged one is replaced', async () => {
  const { sessionKey } = await import('../../src/server/access/sessions.ts');
  const { chmodSync, statSync, writeFileSync } = await import('node:fs');
  const state = mkdtempSync(join(tmpdir(), 'healthd-key-'));
  const path = join(state, 'server.key');
  const key = sessionKey(state);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(sessionKey(state)).toEqual(key);
  chmodSync(path, 0o644);
  const second = sessionKey(state);
  expect(second).not.toEqual(key);
  writeFileSync(path, 'short');
  expect(sessionKey(state)).toHaveLength(32);
  rmSync(state, { recursive: true });
});
