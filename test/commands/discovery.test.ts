import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { discover, discoveredInputs } from '../../src/commands/discovery.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-discovery-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** A machine without anything, or with what the test puts into its folders. */
const environment = (more = {}) => ({
  HOST_SYS: join(folder, 'sys'),
  HOST_PROC: join(folder, 'proc'),
  HOST_RUN: join(folder, 'run'),
  DOCKER_HOST: `unix://${join(folder, 'docker.sock')}`,
  ...more,
});

test('a machine without anything gets the common inputs', async () => {
  const found = await discover(environment(), 'linux');
  expect(found).toEqual({ engine: undefined, hasSensors: false, hasSystemd: false, hasPressure: false });
  expect(discoveredInputs(found)).toEqual(['cpu', 'mem', 'swap', 'disk', 'diskio', 'net', 'system', 'processes', 'kernel']); // prettier-ignore
});

test('sensors, systemd and pressure are found', async () => {
  mkdirSync(join(folder, 'sys/class/hwmon/hwmon0'), { recursive: true });
  writeFileSync(join(folder, 'sys/class/hwmon/hwmon0/temp1_input'), '42000\n');
  mkdirSync(join(folder, 'run/systemd/system'), { recursive: true });
  mkdirSync(join(folder, 'proc/pressure'), { recursive: true });
  writeFileSync(join(folder, 'proc/pressure/cpu'), '');
  const found = await discover(environment(), 'linux');
  expect(found).toMatchObject({ hasSensors: true, hasSystemd: true, hasPressure: true });
  expect(discoveredInputs(found)).toContain('temp');
  expect(discoveredInputs(found)).toContainEqual({ kernel: { collect: ['psi'] } });
});

test('containers are watched if their engine answers, and a socket that nobody listens on is told apart', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(folder, 'docker.sock'), resolve));
  const open = await discover(environment(), 'linux');
  expect(open.engine).toEqual({ name: 'Docker', endpoint: 'ENV', access: 'open' });
  expect(discoveredInputs(open)).toContainEqual({ docker: { endpoint: 'ENV' } });
  await new Promise((resolve) => server.close(resolve));

  writeFileSync(join(folder, 'docker.sock'), '');
  const silent = await discover(environment(), 'linux');
  expect(silent.engine?.access).toBe('silent');
  expect(discoveredInputs(silent)).not.toContainEqual({ docker: { endpoint: 'ENV' } });
});

test("a user's own Podman is found", async () => {
  mkdirSync(join(folder, 'podman'));
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(folder, 'podman/podman.sock'), resolve));
  const found = await discover(environment({ DOCKER_HOST: undefined, XDG_RUNTIME_DIR: folder }), 'linux');
  await new Promise((resolve) => server.close(resolve));
  const endpoint = `unix://${folder}/podman/podman.sock`;
  // Where this machine has a Docker that answers, that one comes first.
  if (found.engine?.name === 'Docker') return;
  expect(found.engine).toEqual({ name: 'Podman', endpoint, access: 'open' });
  expect(discoveredInputs(found)).toContainEqual({ docker: { endpoint } });
});
