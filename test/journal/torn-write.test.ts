/** A record of which only a part reaches the disk, on a system that refuses to cut a file by a handle that appends, as Windows does. */
import { readFileSync, statSync, truncateSync } from 'node:fs';
import { open as openFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';

import { manualClock } from '../../src/testing.ts';

import { append, appendStored, drain, JournalKit, numbered, segmentsIn, stored, until } from './journal-kit.ts';

const kit = new JournalKit();
let directory: string;
let prototype: FileHandle;

beforeEach(async () => {
  directory = join(kit.folder(), 'journal');
  const handle = await openFile(import.meta.filename);
  prototype = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  jest
    .spyOn(prototype, 'truncate')
    .mockImplementation(() => Promise.reject(Object.assign(new Error('EPERM: ftruncate'), { code: 'EPERM' })));
});

afterEach(async () => {
  jest.restoreAllMocks();
  await kit.clear();
});

test('W-023: what a crash has left of a record is cut off at the next start', async () => {
  const before = await kit.open(directory, {});
  before.reader('a');
  await appendStored(before, ...numbered(0, 10));
  await before.close();
  const [segment = ''] = segmentsIn(directory).map((name) => join(directory, name));
  const whole = readFileSync(segment);
  truncateSync(segment, whole.length + 7);
  const after = await kit.open(directory, {});
  expect(readFileSync(segment).equals(whole)).toBe(true);
  expect(await drain(after.reader('a'))).toHaveLength(10);
});

test('W-023: what a failed write has left of a record is cut off at once', async () => {
  const clock = manualClock();
  const journal = await kit.open(directory, { clock });
  const reader = journal.reader('a');
  await appendStored(journal, ...numbered(0, 10));
  const [segment = ''] = segmentsIn(directory).map((name) => join(directory, name));
  const { size } = statSync(segment);
  const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  const original = Reflect.get(prototype, 'writev');
  const failing = jest.spyOn(prototype, 'writev').mockImplementation(async function (this: FileHandle, _, position) {
    await original.call(this, [Buffer.from('part')], position);
    throw full;
  });
  append(journal, ...numbered(10, 10));
  journal.seal();
  await until(() => journal.status.isDegraded, 'the write has failed');
  await until(() => statSync(segment).size === size, 'the part is cut off');
  failing.mockRestore();
  clock.advance(5000);
  await stored(journal);
  expect(await drain(reader)).toHaveLength(20);
});
