import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import type { StatfsCalls } from '../../../src/plugins/disk/bounded-statfs.ts';
import { createDisk, disk } from '../../../src/plugins/disk/index.ts';
import { silentLog, testInput } from '../../../src/testing.ts';
import { goldenFolders } from '../../support/golden/golden.ts';
import { tree } from '../../support/kit/tree.ts';

let root = '';
const recorded: StatfsCalls['later'] = (path) => {
  const table = JSON.parse(readFileSync(join(root, 'statfs.json'), 'utf8')) as Record<string, object>;
  const entry = table[path];
  if (entry === undefined) throw new Error(`nothing recorded for ${path}`);
  if ('error' in entry)
    return Promise.reject(Object.assign(new Error(`${String(entry.error)}: statfs`), { code: entry.error }));
  return Promise.resolve(entry as Awaited<ReturnType<StatfsCalls['later']>>);
};

goldenFolders(createDisk({ later: recorded }), {
  options: (copy) => {
    root = copy;
    return {};
  },
});

/** @returns the paths that are reported, and what the input says about the others */
async function gatherFrom(mountinfo: string, own: string, options: object) {
  const proc = tree({ '1/mountinfo': mountinfo, 'self/mountinfo': own });
  const warnings: string[] = [];
  const log = { ...silentLog, warn: (message: string) => warnings.push(message) };
  const statfs = () => Promise.resolve({ bsize: 4096, blocks: 100, bfree: 50, bavail: 40, files: 10, ffree: 5 });
  const input = await testInput(createDisk({ later: statfs }), options, { environment: { HOST_PROC: proc.root }, log });
  const [first, second] = [await input.gather(), await input.gather()];
  await input.stop();
  proc.remove();
  expect(second.errors).toEqual(first.errors);
  const errors = first.errors.map(({ message }) => message);
  return { paths: first.metrics.map(({ tags }) => tags['path']), errors, warnings };
}

const BTRFS = `30 1 0:29 /@ / rw,relatime - btrfs /dev/sda2 rw,ssd,subvolid=256,subvol=/@
31 30 0:29 /@home /home rw,relatime - btrfs /dev/sda2 rw,ssd,subvolid=257,subvol=/@home
32 30 0:29 /@/srv/data /data rw,relatime - btrfs /dev/sda2 rw,ssd,subvolid=256,subvol=/@
33 30 8:1 /boot /boot rw,relatime - ext4 /dev/sda1 rw
34 30 0:29 /@a\\040b /a rw - btrfs /dev/sda2 rw,subvolid=258,subvol=/@a\\040b
35 30 0:29 /@a,b /b rw - btrfs /dev/sda2 rw,subvolid=259,subvol=/@a,b
`;

test('C-016: `bind` keeps subvolumes of btrfs, and excludes folders of file systems', async () => {
  const { paths } = await gatherFrom(BTRFS, '', { ignore_mount_opts: ['bind'] });
  expect(paths).toEqual(['/', '/home', '/a', '/b']);
});

const INIT = `30 1 8:2 / / rw - ext4 /dev/sda2 rw
31 30 8:3 / /home rw - ext4 /dev/sda3 rw
32 30 8:4 / /home/build rw - xfs /dev/sda4 rw
33 30 8:5 / /data rw - xfs /dev/sda5 rw
`;

test('C-018: a mount that a unit hides by its own is not reported with the figures of that one', async () => {
  // ProtectHome=tmpfs
  const own = `${INIT.replace(/.*\/home.*\n/g, '')}40 30 0:77 / /home ro - tmpfs tmpfs ro\n`;
  const { paths, errors, warnings } = await gatherFrom(INIT, own, {});
  expect(paths).toEqual(['/', '/data']);
  expect(errors).toEqual([]);
  expect(warnings).toEqual([
    expect.stringMatching(/sees other file systems there: \/home, \/home\/build; .*ProtectHome=/),
  ]);
});

test.each([
  ['the same mounts', INIT],
  [
    'binds of the same file systems, as with ProtectSystem=strict',
    `${INIT}50 30 8:2 /usr /usr ro - ext4 /dev/sda2 rw\n`,
  ],
  ['a mount on top of a hidden one', `30 1 0:77 / /home ro - tmpfs tmpfs ro\n${INIT}`],
  ['mounts that are not known', ''],
])('C-018: with %s everything is reported', async (_what, own) => {
  const { paths, warnings } = await gatherFrom(INIT, own, {});
  expect(paths).toEqual(['/', '/home', '/home/build', '/data']);
  expect(warnings).toEqual([]);
});

test('C-020: entries of mount_points that match no mount are reported, with what was meant', async () => {
  const entries = ['/', '/data/', '/dev/sda3', 'sda4', '/srv', '//'];
  const { paths, errors } = await gatherFrom(INIT, INIT, { mount_points: entries });
  expect(paths).toEqual(['/']);
  expect(errors).toEqual([
    'mount_points names what no mounted file system has as its path: /data/ (write /data), /dev/sda3 (write /home), ' +
      'sda4 (write /home/build), /srv, // (write /)',
  ]);
  expect((await gatherFrom(INIT, INIT, { mount_points: ['/data', '/'] })).errors).toEqual([]);
});

const columns = ['target', 'source', 'fstype', 'size', 'used', 'avail', 'itotal', 'iused', 'iavail'];

test('matches df', async () => {
  const input = await testInput(disk, { ignore_fs: [] });
  const { metrics, errors } = await input.gather();
  const rows = execFileSync('df', ['-B1', '-a', `--output=${columns.join(',')}`], { encoding: 'utf8' })
    .trim()
    .split('\n');
  await input.stop();
  expect(errors).toEqual([]);
  const root = metrics.find(({ tags }) => tags['path'] === '/')!;
  const [, source, fstype, ...numbers] = rows.map((row) => row.trim().split(/\s+/)).find(([path]) => path === '/')!;
  const [size, used, avail, inodes, inodesUsed, inodesFree] = numbers.map(Number);
  expect(root.tags).toMatchObject({ device: source!.replace('/dev/', ''), fstype });
  expect(root.fields['total']).toBe(BigInt(size!));
  expect(root.fields['inodes_total']).toBe(BigInt(inodes!));
  // Other processes write to the disk meanwhile.
  expect(Math.abs(Number(root.fields['used']) - used!)).toBeLessThan(1e9);
  expect(Math.abs(Number(root.fields['free']) - avail!)).toBeLessThan(1e9);
  expect(Math.abs(Number(root.fields['inodes_used']) - inodesUsed!)).toBeLessThan(10_000);
  expect(Math.abs(Number(root.fields['inodes_free']) - inodesFree!)).toBeLessThan(10_000);
});

test('the portable provider agrees with the native one', async () => {
  const native = await testInput(disk, { provider: 'native', mount_points: ['/'] });
  const portable = await testInput(disk, { provider: 'portable', mount_points: ['/'] });
  const [a, b] = [await native.gather(), await portable.gather()].map(({ metrics }) => metrics[0]);
  expect(b?.tags).toEqual(a?.tags);
  expect(b?.fields['total']).toBe(a?.fields['total']);
  expect(b?.fields['inodes_total']).toBe(a?.fields['inodes_total']);
  expect(Math.abs(Number(b?.fields['used_percent']) - Number(a?.fields['used_percent']))).toBeLessThan(1);
  await Promise.all([native.stop(), portable.stop()]);
});
