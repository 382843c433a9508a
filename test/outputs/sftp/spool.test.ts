import { readdirSync, renameSync } from 'node:fs';

import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { Spool, type FinishedFile } from '../../../src/outputs/sftp/spool.ts';
import { manualClock } from '../../../src/testing.ts';

import { LIVE, localFolder } from './open.ts';

const LINE = Buffer.from('m n=1i 1\n');

let local: ReturnType<typeof localFolder>;
let clock: ReturnType<typeof manualClock>;

beforeEach(() => {
  local = localFolder();
  clock = manualClock(Date.UTC(2025, 5, 1, 12));
});
afterEach(() => {
  local.remove();
});

function openSpool(hostname = 'web-1', maxBytes = 10_000_000): Spool {
  const rotate = { size: 1_000_000, age: 3_600_000, gzip: false };
  return new Spool({ folder: local.path, hostname, format: 'influx', rotate, maxBytes, clock });
}

test('what waits when the host gets another name is still uploaded, under the old one', async () => {
  const before = openSpool('old');
  await before.append(LINE, LIVE);
  const [file] = await before.finish(true);
  await before.close();
  const after = openSpool('new');
  expect(await after.finish(false)).toEqual([file]);
  expect(file?.name).toMatch(/^healthd-old-/);
  await after.close();
  expect(readdirSync(local.path)).toContain(file?.name);
});

test('a clock that was set back does not keep a file from being finished', async () => {
  const spool = openSpool();
  await spool.append(LINE, LIVE);
  expect(await spool.finish(false)).toEqual([]);
  clock.advance(-7 * 86_400_000);
  expect(await spool.finish(false)).toHaveLength(1);
  await spool.close();
});

test('what is removed makes room at once, and no other file is looked at for that', async () => {
  const spool = openSpool('web-1', LINE.length * 2);
  await spool.append(LINE, LIVE);
  const [file] = await spool.finish(true);
  await spool.append(LINE, LIVE);
  await expect(spool.append(LINE, LIVE)).rejects.toThrow(/may not hold more than/);
  // With the folder away, whoever wants to list it fails.
  renameSync(local.path, `${local.path}-away`);
  await spool.remove(file as FinishedFile);
  renameSync(`${local.path}-away`, local.path);
  await spool.append(LINE, LIVE);
  await spool.close();
});
