import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { hostId } from '../../src/status/host-id.ts';
import { recordingLog } from '../support/kit/recording-log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-id-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('the id is made once, and only its file is left', async () => {
  const log = recordingLog();
  const state = join(folder, 'state');
  const id = await hostId(state, log);
  expect(id).toMatch(/^[0-9a-f]{32}$/);
  expect(await hostId(state, log)).toBe(id);
  expect(readdirSync(state)).toEqual(['host-id']);
  expect(log.lines).toEqual([]);
});

test('of many that make one at once, all have the same', async () => {
  const ids = await Promise.all(Array.from({ length: 10 }, () => hostId(folder, recordingLog())));
  expect(new Set(ids).size).toBe(1);
});

test('a damaged file is replaced', async () => {
  writeFileSync(join(folder, 'host-id'), '\0\0\0\0');
  const id = await hostId(folder, recordingLog());
  expect(readFileSync(join(folder, 'host-id'), 'utf8')).toBe(`${id}\n`);
});

test('without a place for it there is one for this run, with a warning', async () => {
  writeFileSync(join(folder, 'file'), '');
  const log = recordingLog();
  expect(await hostId(join(folder, 'file'), log)).toMatch(/^[0-9a-f]{32}$/);
  expect(log.lines).toEqual([expect.stringMatching(/^warn: The host's id cannot be kept; it will be another one/)]);
});
