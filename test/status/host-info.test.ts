import { expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { hostInfo as schema } from '../../src/api/host.ts';
import { openHost } from '../../src/host/machine.ts';
import { hostInfo } from '../../src/status/host-info.ts';
import { manualClock } from '../../src/testing.ts';

function infoOf(files: Readonly<Record<string, string>>) {
  const root = mkdtempSync(join(tmpdir(), 'healthd-host-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const environment = { HOST_PROC: `${root}/proc`, HOST_ETC: `${root}/etc` };
  const host = openHost({ environment, hostname: 'web1', platform: 'linux' });
  const options = { host, id: 'f'.repeat(32), version: '1.2.3', startedAt: 5, clock: manualClock() };
  const info = hostInfo(options, { intervalMs: 10_000, tags: { dc: 'fra1' } });
  rmSync(root, { recursive: true, force: true });
  return info;
}

test('the host is read from where its files are mounted', () => {
  const info = infoOf({
    'etc/os-release': 'NAME="Debian"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n',
    'proc/sys/kernel/osrelease': '6.1.0-28-amd64\n',
    'proc/meminfo': 'MemTotal:       16310040 kB\nMemFree:         1000 kB\n',
    'proc/stat': 'cpu  1 2 3 4\ncpu0 1 2\ncpu1 1 2\ncpu2 1 2\nintr 12\nbtime 1699990000\n',
  });
  expect(schema.parse(info)).toEqual(info);
  expect(info).toMatchObject({
    id: 'f'.repeat(32),
    name: 'web1',
    os: 'Debian GNU/Linux 12 (bookworm)',
    kernel: '6.1.0-28-amd64',
    cores: 3,
    memoryBytes: 16_310_040 * 1024,
    bootedAt: 1_699_990_000_000,
    tags: { dc: 'fra1' },
    agent: { version: '1.2.3', startedAt: 5, intervalMs: 10_000 },
  });
});

test.each([
  ['PRETTY_NAME=Alpine', 'Alpine'],
  ["PRETTY_NAME='Arch Linux'", 'Arch Linux'],
  ['PRETTY_NAME="Say \\"hi\\""', 'Say "hi"'],
  ['ID=x', 'Linux'],
])('os-release %s is %s', (line, name) => {
  expect(infoOf({ 'etc/os-release': `${line}\n` }).os).toBe(name);
});

test('without such files the facts are those of this process', () => {
  const info = infoOf({});
  expect(schema.parse(info)).toEqual(info);
  expect(info.cores).toBeGreaterThan(0);
  expect(info.memoryBytes).toBeGreaterThan(1e6);
  expect(info.bootedAt).toBeLessThan(1_700_000_000_000);
});
