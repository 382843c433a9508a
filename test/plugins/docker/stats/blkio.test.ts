import { expect, test } from '@jest/globals';

import { blockDevices, blockTotals } from '../../../../src/plugins/docker/stats/blkio.ts';
import { stats } from '../fixtures.ts';

test('cgroup v1: operations become lower case', () => {
  const devices = blockDevices(stats('cgroup-v1.netted.2').blkio_stats!);
  expect(Object.fromEntries(devices)).toEqual({
    '254:0': {
      io_service_bytes_recursive_read: 0,
      io_service_bytes_recursive_write: 540672,
      io_service_bytes_recursive_sync: 540672,
      io_service_bytes_recursive_async: 0,
      io_service_bytes_recursive_discard: 0,
      io_service_bytes_recursive_total: 540672,
      io_serviced_recursive_read: 0,
      io_serviced_recursive_write: 6,
      io_serviced_recursive_sync: 6,
      io_serviced_recursive_async: 0,
      io_serviced_recursive_discard: 0,
      io_serviced_recursive_total: 6,
    },
  });
});

test('cgroup v2: reads and writes, summed over devices', () => {
  const devices = blockDevices(stats('cgroup-v2').blkio_stats!);
  expect([...devices.keys()]).toEqual(['259:0', '253:1']);
  expect(blockTotals(devices.values())).toEqual({
    io_service_bytes_recursive_read: 8704,
    io_service_bytes_recursive_write: 40960,
  });
});

test('a device that only a later list contains, and lists that do not distinguish operations', () => {
  const entry = (op: string, value: number) => [{ major: 8, minor: 0, op, value }];
  const devices = blockDevices({
    io_queue_recursive: entry('Total', 1),
    io_service_time_recursive: entry('Read', 2),
    io_wait_time_recursive: entry('Read', 3),
    io_merged_recursive: entry('Async', 4),
    io_time_recursive: entry('', 5),
    sectors_recursive: entry('', 6),
  });
  expect(devices.get('8:0')).toEqual({
    io_queue_recursive_total: 1,
    io_service_time_recursive_read: 2,
    io_wait_time_read: 3,
    io_merged_recursive_async: 4,
    io_time_recursive: 5,
    sectors_recursive: 6,
  });
});
