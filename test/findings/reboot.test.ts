import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { newestKernel, pendingReboot } from '../../src/findings/checks/reboot.ts';
import { openHost } from '../../src/host/machine.ts';

import { textOf } from './text.ts';

test.each([
  ['6.1.0-28-amd64', ['6.1.0-27-amd64', '6.1.0-28-amd64'], undefined],
  ['6.1.0-28-amd64', ['6.1.0-28-amd64', '6.1.0-31-amd64', '6.1.0-30-amd64'], '6.1.0-31-amd64'],
  ['6.1.0-9-amd64', ['6.1.0-10-amd64'], '6.1.0-10-amd64'],
  ['6.1.0-28-amd64', ['6.1.0-31-cloud-amd64', '6.12.3-rt-amd64'], undefined],
  ['6.12.41+deb13-amd64', ['6.12.41+deb13-amd64', '6.12.44+deb13-amd64'], '6.12.44+deb13-amd64'],
  ['6.8.0-45-generic', ['6.8.0-47-generic', '6.8.0-47-lowlatency'], '6.8.0-47-generic'],
  ['5.14.0-427.13.1.el9_4.x86_64', ['5.14.0-503.11.1.el9_5.x86_64'], '5.14.0-503.11.1.el9_5.x86_64'],
  ['5.14.0-427.13.1.el9_4.x86_64', ['5.14.0-427.13.1.el9_4.x86_64+debug'], undefined],
  ['6.10.12-200.fc40.x86_64', ['6.11.4-301.fc41.x86_64'], '6.11.4-301.fc41.x86_64'],
  ['6.8.12-4-pve', ['6.8.12-2-pve', '6.8.12-10-pve'], '6.8.12-10-pve'],
  ['6.11.1-arch1-1', ['6.11.1-arch1-2'], '6.11.1-arch1-2'],
  ['6.1.0-28-amd64', [], undefined],
])('%s runs, %j are installed: %s', (running, installed, newer) => {
  expect(newestKernel(running, installed)).toBe(newer);
});

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'healthd-reboot-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

async function rebootOf(files: Readonly<Record<string, string>>): Promise<readonly string[] | undefined> {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const environment = { HOST_PROC: `${root}/proc`, HOST_RUN: `${root}/run`, HOST_MOUNT_PREFIX: root };
  const found = await pendingReboot(openHost({ environment, platform: 'linux' }));
  return found?.map(textOf);
}

const RUNNING = { 'proc/sys/kernel/osrelease': '6.12.41-amd64\n' };

test('nothing is pending', async () => {
  expect(await rebootOf({ ...RUNNING, 'boot/vmlinuz-6.12.41-amd64': '', 'boot/vmlinuz-6.1.0-amd64': '' })).toEqual([]);
});

test('a newer kernel in /boot', async () => {
  expect(await rebootOf({ ...RUNNING, 'boot/vmlinuz-6.12.44-amd64': '' })).toEqual([
    'note: Reboot pending: kernel **6.12.44-amd64** is installed, **6.12.41-amd64** runs.',
  ]);
});

test('a newer kernel beside its modules; modules alone are left of one that was removed', async () => {
  const modules = { 'lib/modules/6.12.44-amd64/vmlinuz': '', 'lib/modules/6.12.99-amd64/modules.dep': '' };
  expect(await rebootOf({ ...RUNNING, ...modules })).toEqual([
    'note: Reboot pending: kernel **6.12.44-amd64** is installed, **6.12.41-amd64** runs.',
  ]);
});

test('the system asks for one', async () => {
  const files = {
    'run/reboot-required': '*** System restart required ***\n',
    'run/reboot-required.pkgs': 'libc6\ndbus\nlibc6\n',
  };
  expect(await rebootOf({ ...RUNNING, ...files })).toEqual([
    'note: Reboot pending: an update asks for it. (2 packages: libc6, dbus)',
  ]);
});
