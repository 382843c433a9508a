import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { openHost, type OpenHost } from '../../src/host/machine.ts';

let folder = '';
let host: OpenHost;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-host-'));
  host = openHost();
});
afterEach(() => {
  host.close();
  rmSync(folder, { recursive: true });
});

test('a kept file is read anew each time, whatever its size', () => {
  const path = join(folder, 'file');
  writeFileSync(path, 'one');
  expect(host.readText(path)).toBe('one');
  const long = 'x'.repeat(100_000);
  writeFileSync(path, long);
  expect(host.readText(path)).toBe(long);
  expect(() => host.read(join(folder, 'none'))).toThrow(/ENOENT/);
});

test('an optional text comes without blanks around it, and is empty where it cannot be read', () => {
  const path = join(folder, 'serial');
  writeFileSync(path, '  S123 \n\n');
  expect(host.readOptional(path)).toBe('S123');
  mkdirSync(join(folder, 'directory'));
  expect(host.readOptional(join(folder, 'directory'))).toBe('');
  expect(host.readOptional(join(folder, 'none'))).toBe('');
});

const onLinux = process.platform === 'linux' ? test : test.skip;
onLinux('an optional text keeps no descriptor', () => {
  const open = () => readdirSync('/proc/self/fd').length;
  const path = join(folder, 'serial');
  writeFileSync(path, 'S123');
  const before = open();
  for (let index = 0; index < 10; index += 1) host.readOptional(path);
  host.readOptional(join(folder, 'directory'));
  expect(open()).toBe(before);
  host.readText(path);
  expect(open()).toBe(before + 1);
});
