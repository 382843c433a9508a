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

test('files from before a change of the host name are uploaded under the old name', async () => {
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

test('a clock that is set back does not delay finishing a file', async () => {
  const spool = openSpool();
  await spool.append(LINE, LIVE);
  expect(await spool.finish(false)).toEqual([]);
  clock.advance(-7 * 86_400_000);
  expect(await spool.finish(false)).toHaveLength(1);
  await spool.close();
});

test('removing a file frees space immediately, without listing the folder', async () => {
  const spool = openSpool('web-1', LINE.length * 2);
  await spool.append(LINE, LIVE);
  const [file] = await spool.finish(true);
  await spool.append(LINE, LIVE);
  await expect(spool.append(LINE, LIVE)).rejects.toThrow(/has 18 bytes, of at most 18/);
  // Without the folder, listing it would fail.
  renameSync(local.path, `${local.path}-away`);
  await spool.remove(file as FinishedFile);
  renameSync(`${local.path}-away`, local.path);
  await spool.append(LINE, LIVE);
  await spool.close();
});
