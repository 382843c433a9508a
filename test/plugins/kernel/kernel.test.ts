import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';

import { expect, test } from '@jest/globals';

import { kernel } from '../../../src/plugins/kernel/index.ts';
import { testInput } from '../../../src/testing.ts';
import { goldenFolders } from '../../support/golden/golden.ts';

goldenFolders(kernel);

test('the counters of this machine match /proc/stat', async () => {
  const words = (name: string) =>
    Number(new RegExp(`^${name} (\\d+)`, 'm').exec(readFileSync('/proc/stat', 'utf8'))![1]);
  const input = await testInput(kernel, {});
  const before = { intr: words('intr'), ctxt: words('ctxt'), processes: words('processes') };
  const { metrics, errors } = await input.gather();
  expect(errors).toEqual([]);
  const fields = metrics[0]!.fields;
  for (const [field, name] of [
    ['interrupts', 'intr'],
    ['context_switches', 'ctxt'],
    ['processes_forked', 'processes'],
  ] as const) {
    expect(Number(fields[field])).toBeGreaterThanOrEqual(before[name]);
    expect(Number(fields[field])).toBeLessThanOrEqual(words(name));
  }
  expect(Math.abs(Number(fields['boot_time']) - (Date.now() / 1000 - uptime()))).toBeLessThan(3);
  await input.stop();
});

test('other platforms are rejected at creation', async () => {
  await expect(testInput(kernel, {}, { platform: 'darwin' })).rejects.toThrow('supports only Linux, not darwin');
});
