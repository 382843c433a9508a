import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import type { StatfsCalls } from '../../../src/plugins/disk/bounded-statfs.ts';
import { createDisk, disk } from '../../../src/plugins/disk/index.ts';
import { testInput } from '../../../src/testing.ts';
import { goldenFolders } from '../../support/golden/golden.ts';

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
