import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { mem } from '../../../src/plugins/mem/index.ts';
import { testInput } from '../../../src/testing.ts';
import { goldenFolders } from '../../support/golden/golden.ts';

goldenFolders(mem);

test('the portable provider agrees with the native one', async () => {
  const native = await testInput(mem, { provider: 'native' });
  const portable = await testInput(mem, { provider: 'portable' });
  const [a, b] = [await native.gather(), await portable.gather()].map(({ metrics }) => metrics[0]?.fields);
  expect(b?.['total']).toBe(a?.['total']);
  const [x, y] = [a, b].map((fields) => Number(fields?.['available']));
  expect(Math.abs((x ?? 0) - (y ?? 0))).toBeLessThan(Number(a?.['total']) / 10);
  await Promise.all([native.stop(), portable.stop()]);
});

const MIB = 1024 ** 2;
const ARCSTATS = `13 1 0x01 147 39984 3908419243 86733284321
name                            type data
size_other                      4    7
c_min                           4    ${100 * MIB}
c                               4    ${900 * MIB}
size                            4    ${600 * MIB}
`;

/** @returns available memory, MiB, of 1000 MiB; the kernel reports 200 MiB */
async function availableWith(arcstats: string | undefined, mountinfo: (proc: string) => string): Promise<number> {
  const proc = mkdtempSync(join(tmpdir(), 'healthd-arc-'));
  const write = (path: string, text: string) => {
    mkdirSync(join(proc, path, '..'), { recursive: true });
    writeFileSync(join(proc, path), text);
  };
  write('meminfo', `MemTotal: ${1000 * 1024} kB\nMemAvailable: ${200 * 1024} kB\n`);
  write('self/mountinfo', mountinfo(proc));
  if (arcstats !== undefined) write('spl/kstat/zfs/arcstats', arcstats);
  const input = await testInput(mem, { provider: 'native' }, { environment: { HOST_PROC: proc } });
  try {
    const { metrics } = await input.gather();
    const { total, available, used, available_percent } = metrics[0]?.fields ?? {};
    expect(Number(used)).toBe(Number(total) - Number(available));
    expect(available_percent).toBeCloseTo((100 * Number(available)) / Number(total));
    return Number(available) / MIB;
  } finally {
    await input.stop();
    rmSync(proc, { recursive: true });
  }
}

test("C-012: what ZFS's cache holds beyond its minimum is available; in a container the host's cache is not", async () => {
  const host = (proc: string) => `25 30 0:23 / ${proc} rw shared:5 - proc proc rw\n`;
  expect(await availableWith(undefined, host)).toBe(200);
  expect(await availableWith(ARCSTATS, host)).toBe(700);
  const container = (proc: string) =>
    `${host(proc)}99 25 0:50 /proc/meminfo ${proc}/meminfo rw - fuse.lxcfs lxcfs rw\n`;
  expect(await availableWith(ARCSTATS, container)).toBe(200);
});

test('C-012: a cache below its minimum, or unreadable statistics, add nothing; available never exceeds total', async () => {
  const none = () => '';
  expect(await availableWith(ARCSTATS.replace(`${600 * MIB}`, `${50 * MIB}`), none)).toBe(200);
  expect(await availableWith('13 1 0x01\nsize 4 many\n', none)).toBe(200);
  expect(await availableWith(ARCSTATS.replace(`${600 * MIB}`, `${5000 * MIB}`), none)).toBe(1000);
});
