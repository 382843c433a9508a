import { expect, test } from '@jest/globals';

import { cpuPercent, cpuSample, cpuTotals, daemonSample, perCpu } from '../../../../src/plugins/docker/stats/cpu.ts';
import { stats } from '../fixtures.ts';

test('cgroup v1: counters per CPU and as a total', () => {
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

test('cgroup v2 has no counters per CPU', () => {
  expect(perCpu(stats('cgroup-v2').cpu_stats)).toEqual([]);
});

test('100 percent is one core: 1 s of CPU time while four CPUs advance by 1 s each', () => {
  const now = stats('cgroup-v2');
  const previous = daemonSample(now);
  expect(previous).toBeDefined();
  expect(cpuPercent(now, previous!, 4)).toBeCloseTo(100, 10);
});

test("our own previous sample gives the same usage as the daemon's", () => {
  const primed = stats('cgroup-v1.primed');
  const own = cpuSample({ ...primed, cpu_stats: primed.precpu_stats!, read: primed.preread! });
  expect(cpuPercent(primed, own, 2)).toBe(cpuPercent(primed, daemonSample(primed)!, 2));
  expect(cpuPercent(primed, own, 2)).toBeGreaterThan(1);
});

test('a one-shot answer has no previous sample', () => {
  expect(daemonSample(stats('cgroup-v1.idle.1'))).toBeUndefined();
  expect(daemonSample(stats('podman'))).toBeUndefined();
});

test('usage is unknown after a restart or if no time passed', () => {
  const now = stats('cgroup-v2');
  expect(cpuPercent(now, { ...cpuSample(now), total: 9e18, system: 0 }, 4)).toBeUndefined();
  expect(cpuPercent(now, cpuSample(now), 4)).toBeUndefined();
});

test('an idle container uses 0 percent', () => {
  const now = stats('cgroup-v2');
  expect(cpuPercent(now, { ...cpuSample(now), system: 400e9 }, 4)).toBe(0);
});

test('Podman does not report the number of CPUs: that of the host is used', () => {
  const now = stats('podman');
  expect(cpuPercent(now, { total: 2e9, system: 200e9, read: undefined }, 8)).toBeCloseTo(100, 10);
});

test('C-013: in a Podman pod 0.4 s in 10 s are 4 percent, whatever the CPU time of the host says', () => {
  const now = stats('podman');
  const { total } = cpuSample(now);
  const before = { total: total - 0.4e9, read: cpuSample(now).read! - 10_000_000_000n };
  for (const system of [208e9 - 0.1e9, 208e9, 208e9 - 80e9, 0]) {
    expect(cpuPercent(now, { ...before, system }, 8)).toBeCloseTo(4, 10);
  }
  // The clock was set back: only the CPU time of the host is left.
  const later = { ...before, read: cpuSample(now).read! + 1n, system: 208e9 - 80e9 };
  expect(cpuPercent(now, later, 8)).toBeCloseTo(4, 10);
});

test('Windows counts units of 100 ns over all processors', () => {
  const now = stats('windows');
  expect(cpuPercent(now, daemonSample(now)!, 4)).toBeCloseTo(25, 10);
  expect(cpuTotals(now.cpu_stats, undefined)).toMatchObject({ usage_total: 72343750, usage_system: 0 });
});
