/** A write of which only a part comes, on a system that refuses to cut a file by a handle that appends, as Windows does. */
import * as fs from 'node:fs';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';

const denied = (): never => {
  throw Object.assign(new Error('EPERM: operation not permitted, ftruncate'), { code: 'EPERM' });
};

let isFull = false;
jest.unstable_mockModule('node:fs', () => ({
  ...fs,
  ftruncateSync: denied,
  writeSync: (handle: number, bytes: Buffer) => fs.writeSync(handle, isFull ? bytes.subarray(0, 3) : bytes),
}));

const { openAlertLog } = await import('../../src/logging/alert-log.ts');
const { rotatedFile } = await import('../../src/logging/rotated-file.ts');
const { AppendFile } = await import('../../src/outputs/append-file.ts');

let folder: string;
let path: string;
const text = () => readFileSync(path, 'utf8');
const settings = { maxSize: 1000, keep: 1, gzip: false };

beforeEach(() => {
  isFull = false;
  folder = mkdtempSync(join(tmpdir(), 'healthd-torn-'));
  path = join(folder, 'file');
});

afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

test('W-023: the alert log is cut back by its path', async () => {
  const reports: string[] = [];
  const log = openAlertLog({ ...settings, path, report: (message) => reports.push(message) });
  log.write('one');
  isFull = true;
  log.write('two');
  isFull = false;
  log.write('three');
  await log.close();
  expect(text()).toBe('one\nthree\n');
  expect(reports).toEqual([expect.stringContaining('only a part of the line could be written')]);
});

test('W-023: the log is cut back by its path', async () => {
  const log = rotatedFile({ ...settings, path, report: () => undefined });
  await log.write('one\n');
  await tearing(() => log.write('two\n'));
  await log.write('three\n');
  await log.close?.();
  expect(text()).toBe('one\nthree\n');
});

test('W-023: the file of an output is cut back by its path', async () => {
  const file = new AppendFile({ path, sync: false });
  await file.append(Buffer.from('one\n'));
  await tearing(() => file.append(Buffer.from('two\n')));
  await file.append(Buffer.from('three\n'));
  await file.close();
  expect(text()).toBe('one\nthree\n');
});

/** Meanwhile a write stops after three bytes, and a handle cannot cut its file. */
async function tearing(write: () => Promise<void>): Promise<void> {
  const handle = await open(join(folder, 'other'), 'a');
  const prototype = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  const original = prototype.write as (this: FileHandle, bytes: Buffer, from?: number, length?: number) => unknown;
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  const part = async function (this: FileHandle, bytes: Buffer): Promise<never> {
    await original.call(this, bytes, 0, 3);
    throw full;
  };
  jest.spyOn(prototype, 'write').mockImplementation(part as never);
  jest.spyOn(prototype, 'appendFile').mockImplementation(part as never);
  jest.spyOn(prototype, 'truncate').mockImplementation(() => Promise.resolve().then(denied));
  await expect(write()).rejects.toThrow();
  jest.restoreAllMocks();
}
