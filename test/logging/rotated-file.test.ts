import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { rotatedFile, type RotatedFileOptions } from '../../src/logging/rotated-file.ts';
import { diskTest, smallDisk } from '../support/servers/small-disk.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-log-'));
  path = join(folder, 'logs', 'healthd.log');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function open(options: Partial<RotatedFileOptions> = {}) {
  return rotatedFile({ path, maxSize: 1e9, keep: 1, gzip: true, report: () => undefined, ...options });
}

const unzipped = (name: string) => gunzipSync(readFileSync(join(folder, 'logs', name))).toString();
const names = () => readdirSync(join(folder, 'logs')).sort();

test('rotates by size, counting what the file held before, compresses, and keeps at most `keep` files', async () => {
  mkdirSync(join(folder, 'logs'));
  writeFileSync(path, 'before\n');
  const file = open({ maxSize: 10, keep: 2 });
  for (const text of ['one\n', 'two\n', 'three\n', 'longer than a file\n']) await file.write(text);
  await file.close?.();
  expect(names()).toEqual(['healthd.log', 'healthd1.log.gz', 'healthd2.log.gz']);
  expect(readFileSync(path, 'utf8')).toBe('longer than a file\n');
  expect(unzipped('healthd1.log.gz')).toBe('three\n');
  expect(unzipped('healthd2.log.gz')).toBe('one\ntwo\n');
});

test('rotates compressed and uncompressed files alike, after the setting has changed', async () => {
  for (const gzip of [false, true, false]) {
    const file = open({ maxSize: 1, keep: 3, gzip });
    await file.write(`${gzip}\n`);
    await file.write(`${gzip} again\n`);
    await file.close?.();
  }
  expect(names()).toEqual(['healthd.log', 'healthd1.log', 'healthd2.log', 'healthd3.log.gz']);
  expect(unzipped('healthd3.log.gz')).toBe('true\n');
});

diskTest('on a full disk a write fails and leaves no partial line, and succeeds once there is space', async () => {
  const disk = smallDisk('1m');
  const full = join(disk.path, 'healthd.log');
  const file = open({ path: full });
  await file.write('one\n');
  disk.fill();
  await expect(file.write('x'.repeat(100_000))).rejects.toThrow('ENOSPC');
  expect(readFileSync(full, 'utf8')).toBe('one\n');
  disk.empty();
  await file.write('two\n');
  await file.close?.();
  expect(readFileSync(full, 'utf8')).toBe('one\ntwo\n');
  disk.remove();
});

test('keeps appending to a file that cannot be rotated, and reports that once', async () => {
  // A folder that is not empty cannot be the target of a rename.
  mkdirSync(join(folder, 'logs', 'healthd1.log', 'in the way'), { recursive: true });
  const reports: unknown[] = [];
  const file = open({ maxSize: 5, keep: 2, report: (error) => reports.push(error) });
  mkdirSync(join(folder, 'logs', 'healthd2.log'));
  for (const text of ['one\n', 'two\n', 'three\n']) await file.write(text);
  await file.close?.();
  expect(readFileSync(path, 'utf8')).toBe('one\ntwo\nthree\n');
  expect(reports).toHaveLength(1);
});

const modeOf = (file: string) => statSync(file).mode & 0o777;

test('H-017: only owner and group read the log, rotated files included, also a file of an earlier version', async () => {
  const before = process.umask(0o022);
  try {
    const file = open({ maxSize: 4 });
    for (const text of ['one\n', 'two\n']) await file.write(text);
    await file.close?.();
    expect(modeOf(join(folder, 'logs'))).toBe(0o750);
    for (const name of names()) expect(modeOf(join(folder, 'logs', name))).toBe(0o640);
    expect(names()).toHaveLength(2);
    chmodSync(path, 0o644);
    const again = open();
    await again.write('x\n');
    await again.close?.();
    expect(modeOf(path)).toBe(0o640);
  } finally {
    process.umask(before);
  }
});

test('H-018: the log is not written through a symbolic link, nor is its compressed file', async () => {
  mkdirSync(join(folder, 'logs'));
  const victim = join(folder, 'victim');
  symlinkSync(victim, path);
  await expect(open().write('x\n')).rejects.toThrow(/ELOOP/);
  rmSync(path);
  symlinkSync(victim, join(folder, 'logs', 'healthd1.log.gz.partial'));
  const file = open({ maxSize: 4 });
  for (const text of ['one\n', 'two\n']) await file.write(text);
  await file.close?.();
  expect(existsSync(victim)).toBe(false);
  expect(unzipped('healthd1.log.gz')).toBe('one\n');
});
