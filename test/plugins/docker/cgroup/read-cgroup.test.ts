/** `roots/v1` was recorded from a host together with `daemon.json`, the daemon's own statistics of the same container. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import type { ContainerStats } from '../../../../src/plugins/docker/api/answers.ts';
import { parseNetDev } from '../../../../src/plugins/docker/cgroup/net-dev.ts';
import { findCgroup, hostFacts, readCgroup } from '../../../../src/plugins/docker/cgroup/read-cgroup.ts';
import { testContext } from '../../../../src/testing.ts';

const ID = '4f5c'.repeat(16);
const MEMORY_TOTAL = 25276510208;

function read(version: string, id: string, networkMode = 'bridge') {
  const root = join(import.meta.dirname, 'roots', version);
  const context = testContext({ environment: { HOST_PROC: join(root, 'proc'), HOST_SYS: join(root, 'sys') } });
  const facts = hostFacts(readFileSync(join(root, 'proc', 'stat'), 'utf8'), MEMORY_TOTAL);
  const State = {
    Pid: 4242,
    Status: 'running',
    Running: true,
    OOMKilled: false,
    ExitCode: 0,
    StartedAt: '',
    FinishedAt: '',
  };
  try {
    return readCgroup(context.host, { Id: id, State, HostConfig: { NetworkMode: networkMode } }, facts);
  } finally {
    context.close();
  }
}

test('cgroup v1: the same numbers as the daemon reported for the container', () => {
  const daemon = JSON.parse(
    readFileSync(join(import.meta.dirname, 'roots', 'v1', 'daemon.json'), 'utf8'),
  ) as ContainerStats & { readonly id: string };
  const own = read('v1', daemon.id);
  expect(own.cpu_stats.cpu_usage).toEqual(daemon.cpu_stats.cpu_usage);
  expect(own.cpu_stats.throttling_data).toEqual(daemon.cpu_stats.throttling_data);
  expect(own.cpu_stats.online_cpus).toBe(daemon.cpu_stats.online_cpus);
  expect(own.memory_stats.stats).toMatchObject(daemon.memory_stats.stats!);
  const { usage, max_usage, limit } = daemon.memory_stats;
  expect(own.memory_stats).toMatchObject({ usage, max_usage, limit, failcnt: 0 });
  expect(own.blkio_stats?.io_service_bytes_recursive).toEqual(daemon.blkio_stats?.io_service_bytes_recursive);
  expect(own.blkio_stats?.io_serviced_recursive).toEqual(daemon.blkio_stats?.io_serviced_recursive);
  expect(own.networks).toEqual(daemon.networks);
});

test('cgroup v2: microseconds become nanoseconds, and no limit becomes the memory of the host', () => {
  const { cpu_stats, memory_stats, blkio_stats } = read('v2', ID);
  expect(cpu_stats).toEqual({
    cpu_usage: { total_usage: 7.5e9, usage_in_usermode: 6e9, usage_in_kernelmode: 1.5e9 },
    system_cpu_usage: 404e9,
    online_cpus: 2,
    throttling_data: { periods: 40, throttled_periods: 4, throttled_time: 250e6 },
  });
  expect(memory_stats).toMatchObject({
    usage: 104857600,
    limit: MEMORY_TOTAL,
    failcnt: 2,
    stats: { inactive_file: 10485760 },
  });
  expect(blkio_stats).toEqual({
    io_service_bytes_recursive: [
      { major: 259, minor: 0, op: 'read', value: 8192 },
      { major: 259, minor: 0, op: 'write', value: 40960 },
    ],
    io_serviced_recursive: [
      { major: 259, minor: 0, op: 'read', value: 2 },
      { major: 259, minor: 0, op: 'write', value: 10 },
    ],
  });
});

test('a container with host networking has no interfaces of its own', () => {
  expect(read('v2', ID).networks).toHaveProperty('eth0');
  expect(read('v2', ID, 'host').networks).toBeUndefined();
});

test('a process outside the cgroup of the container is rejected: it is on another host', () => {
  expect(() => read('v2', 'beef'.repeat(16))).toThrow(/Process 4242 is not in a cgroup of container beef/);
});

test('a cgroup is found in every layout', () => {
  const at = (text: string) => findCgroup(text, ID, '/sys/fs/cgroup');
  expect(at(`0::/system.slice/docker-${ID}.scope/init.scope\n`)).toEqual({
    version: 2,
    folder: `/sys/fs/cgroup/system.slice/docker-${ID}.scope`,
  });
  expect(at(`0::/user.slice/libpod-${ID}.scope/container\n`)).toMatchObject({
    folder: `/sys/fs/cgroup/user.slice/libpod-${ID}.scope`,
  });
  expect(at(`4:memory:/docker/${ID}\n3:cpu,cpuacct:/docker/${ID}\n0::/docker/${ID}\n`)).toEqual({
    version: 1,
    folders: {
      memory: `/sys/fs/cgroup/memory/docker/${ID}`,
      cpu: `/sys/fs/cgroup/cpu/docker/${ID}`,
      cpuacct: `/sys/fs/cgroup/cpuacct/docker/${ID}`,
    },
  });
  expect(at('0::/\n')).toBeUndefined();
});

test('loopback and devices created by the kernel are skipped', () => {
  const row = (name: string) => `${name}: 1 2 3 4 0 0 0 0 5 6 7 8 0 0 0 0`;
  expect(parseNetDev(['head', 'head', row('    lo'), row(' tunl0'), row('eth0'), ''].join('\n'))).toEqual({
    eth0: {
      rx_bytes: 1,
      rx_packets: 2,
      rx_errors: 3,
      rx_dropped: 4,
      tx_bytes: 5,
      tx_packets: 6,
      tx_errors: 7,
      tx_dropped: 8,
    },
  });
});
