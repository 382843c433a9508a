import { readFileSync } from 'node:fs';

import { expect, test } from '@jest/globals';

import { rates } from '../../../src/plugins/diskio/diskstats.ts';
import type { DiskCounters } from '../../../src/plugins/diskio/diskstats.ts';
import { diskio } from '../../../src/plugins/diskio/index.ts';
import { manualClock, testInput } from '../../../src/testing.ts';
import { goldenFolders } from '../../support/golden/golden.ts';

goldenFolders(diskio);

const zero: DiskCounters = {
  reads: 0,
  writes: 0,
  read_bytes: 0,
  write_bytes: 0,
  read_time: 0,
  write_time: 0,
  io_time: 0,
  weighted_io_time: 0,
  iops_in_progress: 0,
  merged_reads: 0,
  merged_writes: 0,
};

test('derived fields are computed from two samples', () => {
  const now = { ...zero, reads: 30, writes: 10, read_time: 60, write_time: 140, io_time: 500 };
  expect(rates(now, zero, 1000)).toEqual({ io_await: 5, io_svctm: 12.5, io_util: 50 });
  expect(rates({ ...zero, io_time: 2000 }, zero, 1000)).toEqual({ io_util: 200 });
  expect(rates(now, zero, 0)).toEqual({ io_await: 5, io_svctm: 12.5 });
  for (const field of ['reads', 'writes', 'read_time', 'write_time', 'io_time'] as const)
    expect(rates(now, { ...zero, [field]: 1e6 }, 1000)).toBeUndefined();
});

test('matches sysfs', async () => {
  const clock = manualClock();
  const input = await testInput(diskio, {}, { clock });
  const { metrics, errors } = await input.gather();
  await input.stop();
  expect(errors).toEqual([]);
  expect(metrics.length).toBeGreaterThan(0);
  for (const { tags, fields } of metrics) {
    // One line, in the order of diskstats: reads, merged, sectors, ms, writes, merged, sectors, ms, in progress, ms, ms.
    const stat = readFileSync(`/sys/class/block/${tags['name']!}/stat`, 'utf8').trim().split(/\s+/).map(Number);
    for (const [field, column, factor] of [
      ['reads', 0, 1],
      ['read_bytes', 2, 512],
      ['read_time', 3, 1],
      ['writes', 4, 1],
      ['merged_writes', 5, 1],
      ['write_bytes', 6, 512],
      ['io_time', 9, 1],
    ] as const) {
      const [ours, theirs] = [Number(fields[field]), stat[column]! * factor];
      expect(ours).toBeLessThanOrEqual(theirs);
      expect(theirs - ours).toBeLessThanOrEqual(theirs * 0.05 + 1e7);
    }
  }
});

test('the portable provider counts operations of whole disks', async () => {
  const portable = await testInput(diskio, { provider: 'portable' });
  const native = await testInput(diskio, { provider: 'native' });
  const { metrics } = await portable.gather();
  const disks = (await native.gather()).metrics.filter(({ tags }) => /^([sv]d[a-z]|nvme\d+n\d+)$/.test(tags['name']!));
  const reads = disks.reduce((sum, { fields }) => sum + Number(fields['reads']), 0);
  expect(metrics.map(({ tags }) => tags['name'])).toEqual(['all']);
  expect(Math.abs(Number(metrics[0]?.fields['reads']) - reads)).toBeLessThanOrEqual(reads * 0.05 + 1000);
  await Promise.all([portable.stop(), native.stop()]);
});
