import { describe, expect, test } from '@jest/globals';

import { blockDevices, blockTotals } from '../../../src/plugins/docker/blkio.ts';
import { cpuPercent, cpuSample, cpuTotals, daemonSample, perCpu } from '../../../src/plugins/docker/cpu.ts';
import { memoryFields } from '../../../src/plugins/docker/memory.ts';
import { networkFields, networkTotals } from '../../../src/plugins/docker/network.ts';

import { stats } from './fixtures.ts';

describe('CPU', () => {
  test('counters of cgroup v1, for each CPU and as a total', () => {
    const { cpu_stats } = stats('cgroup-v1.idle.2');
    expect(cpuTotals(cpu_stats, 12.5)).toEqual({
      usage_total: 355720461,
      usage_in_usermode: 340000000,
      usage_in_kernelmode: 0,
      usage_system: 18241950000000,
      throttling_periods: 23,
      throttling_throttled_periods: 15,
      throttling_throttled_time: 1065357001,
      usage_percent: 12.5,
    });
    expect(perCpu(cpu_stats)).toEqual([15130207, 340590254]);
    expect(perCpu({ ...cpu_stats, online_cpus: 1 })).toEqual([15130207]);
  });

  test('cgroup v2 does not tell CPUs apart', () => {
    expect(perCpu(stats('cgroup-v2').cpu_stats)).toEqual([]);
  });

  test('100 percent is one core: 1 s of CPU time while four CPUs had 1 s each', () => {
    const now = stats('cgroup-v2');
    const previous = daemonSample(now);
    expect(previous).toBeDefined();
    expect(cpuPercent(now, previous!, 4)).toBeCloseTo(100, 10);
  });

  test('our own previous sample serves as well as one of the daemon', () => {
    const primed = stats('cgroup-v1.primed');
    const own = cpuSample({ ...primed, cpu_stats: primed.precpu_stats!, read: primed.preread! });
    expect(cpuPercent(primed, own, 2)).toBe(cpuPercent(primed, daemonSample(primed)!, 2));
    expect(cpuPercent(primed, own, 2)).toBeGreaterThan(1);
  });

  test('a one-shot answer has no previous sample', () => {
    expect(daemonSample(stats('cgroup-v1.idle.1'))).toBeUndefined();
    expect(daemonSample(stats('podman'))).toBeUndefined();
  });

  test('a restarted container, or no time passed: not known', () => {
    const now = stats('cgroup-v2');
    expect(cpuPercent(now, { ...cpuSample(now), total: 9e18, system: 0 }, 4)).toBeUndefined();
    expect(cpuPercent(now, cpuSample(now), 4)).toBeUndefined();
  });

  test('an idle container used 0 percent', () => {
    const now = stats('cgroup-v2');
    expect(cpuPercent(now, { ...cpuSample(now), system: 400e9 }, 4)).toBe(0);
  });

  test('Podman does not tell the number of CPUs: that of the host counts', () => {
    const now = stats('podman');
    expect(cpuPercent(now, { total: 2e9, system: 200e9, read: undefined }, 8)).toBeCloseTo(100, 10);
  });

  test('Windows counts units of 100 ns over all processors', () => {
    const now = stats('windows');
    expect(cpuPercent(now, daemonSample(now)!, 4)).toBeCloseTo(25, 10);
    expect(cpuTotals(now.cpu_stats, undefined)).toMatchObject({ usage_total: 72343750, usage_system: 0 });
  });
});

describe('memory', () => {
  test('cgroup v1: the whole page cache is not counted as used, or only what is inactive', () => {
    const { memory_stats } = stats('cgroup-v1.idle.2');
    const cached = {
      ...memory_stats,
      usage: 1000,
      stats: { ...memory_stats.stats, cache: 600, total_inactive_file: 200 },
    };
    expect(memoryFields(cached, 'telegraf', false)).toMatchObject({ usage: 400 });
    expect(memoryFields(cached, 'docker_stats', false)).toMatchObject({ usage: 800 });
    expect(memoryFields(memory_stats, 'telegraf', false)).toMatchObject({
      limit: 67108864,
      hierarchical_memory_limit: 67108864,
      usage: 708608,
      usage_percent: (100 * 708608) / 67108864,
    });
  });

  test('cgroup v2: seven lines of memory.stat, inactive files are not counted as used', () => {
    expect(memoryFields(stats('cgroup-v2').memory_stats, 'telegraf', false)).toEqual({
      active_anon: 4096,
      active_file: 20971520,
      inactive_anon: 60813312,
      inactive_file: 10485760,
      pgfault: 20000,
      pgmajfault: 12,
      unevictable: 0,
      limit: 1073741824,
      max_usage: 0,
      usage: 94371840,
      usage_percent: 8.7890625,
    });
  });

  test('a cache larger than the usage is passed over', () => {
    const memory = { usage: 100, limit: 1000, stats: { cache: 150, total_inactive_file: 30 } };
    expect(memoryFields(memory, 'telegraf', false)).toMatchObject({ usage: 70, usage_percent: 7 });
  });

  test('a failure count only where there were failures', () => {
    expect(memoryFields({ failcnt: 0 }, 'telegraf', false).fail_count).toBeUndefined();
    expect(memoryFields({ failcnt: 3 }, 'telegraf', false).fail_count).toBe(3);
  });

  test('Podman sends no statistics, and a container without a limit divides by nothing', () => {
    expect(memoryFields(stats('podman').memory_stats, 'telegraf', false)).toMatchObject({ usage: 2097152 });
    expect(memoryFields({ usage: 5 }, 'telegraf', false)).toMatchObject({ limit: 0, usage_percent: 0 });
  });

  test('Windows', () => {
    const { fail_count, ...fields } = memoryFields(stats('windows').memory_stats, 'telegraf', true);
    expect(fail_count).toBeUndefined();
    expect(fields).toEqual({ commit_bytes: 77160448, commit_peak_bytes: 105000960, private_working_set: 59961344 });
  });
});

describe('network', () => {
  test('each interface without what is no counter, and the sum', () => {
    const { eth0, eth1 } = stats('cgroup-v2').networks!;
    expect(networkFields(eth1!)).toEqual(eth1);
    expect(networkTotals([eth0!, eth1!])).toEqual({
      rx_bytes: 1030,
      rx_packets: 13,
      rx_errors: 1,
      rx_dropped: 1,
      tx_bytes: 2040,
      tx_packets: 24,
      tx_errors: 0,
      tx_dropped: 2,
    });
    expect(Object.keys(networkFields(Object.values(stats('windows').networks!)[0]!))).not.toContain('endpoint_id');
  });

  test('host networking has none', () => {
    expect(stats('host-network').networks).toBeUndefined();
  });
});

describe('block I/O', () => {
  test('cgroup v1: every operation in lower case', () => {
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

  test('cgroup v2: read and write, summed over devices', () => {
    const devices = blockDevices(stats('cgroup-v2').blkio_stats!);
    expect([...devices.keys()]).toEqual(['259:0', '253:1']);
    expect(blockTotals(devices.values())).toEqual({
      io_service_bytes_recursive_read: 8704,
      io_service_bytes_recursive_write: 40960,
    });
  });

  test('a device that only a later list knows, and lists that do not tell operations apart', () => {
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
});
