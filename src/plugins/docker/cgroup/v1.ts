/** cgroup v1. Source: the kernel's documentation, admin-guide/cgroup-v1/{cpuacct,memory,blkio-controller}. */
import type { BlockEntry } from '../api/answers.ts';

import type { CgroupStats, HostFacts } from './cgroup-stats.ts';
import { parseFlatKeyed } from './flat-keyed-file.ts';

/** @param folders controller → its folder */
export function readVersion1(
  folders: Readonly<Record<string, string>>,
  read: (path: string) => string,
  facts: HostFacts,
): CgroupStats {
  const text = (controller: string, file: string) =>
    read(`${folders[controller] ?? `no ${controller} controller`}/${file}`);
  const memory = (file: string) => Number(text('memory', `memory.${file}`));
  const usage = parseFlatKeyed(text('cpuacct', 'cpuacct.stat'));
  const throttling = parseFlatKeyed(text('cpu', 'cpu.stat'));
  return {
    cpu_stats: {
      cpu_usage: {
        total_usage: Number(text('cpuacct', 'cpuacct.usage')),
        usage_in_usermode: (usage['user'] ?? 0) * 10_000_000,
        usage_in_kernelmode: (usage['system'] ?? 0) * 10_000_000,
        percpu_usage: text('cpuacct', 'cpuacct.usage_percpu').trim().split(/\s+/).map(Number),
      },
      system_cpu_usage: facts.systemCpu,
      online_cpus: facts.onlineCpus,
      throttling_data: {
        periods: throttling['nr_periods'] ?? 0,
        throttled_periods: throttling['nr_throttled'] ?? 0,
        throttled_time: throttling['throttled_time'] ?? 0,
      },
    },
    memory_stats: {
      usage: memory('usage_in_bytes'),
      max_usage: memory('max_usage_in_bytes'),
      failcnt: memory('failcnt'),
      limit: Math.min(memory('limit_in_bytes'), facts.memoryTotal),
      stats: parseFlatKeyed(text('memory', 'memory.stat')),
    },
    // The throttling layer counts under every I/O scheduler; the daemon reports the same files.
    blkio_stats: {
      io_service_bytes_recursive: parseBlkio(text('blkio', 'blkio.throttle.io_service_bytes')),
      io_serviced_recursive: parseBlkio(text('blkio', 'blkio.throttle.io_serviced')),
    },
  };
}

/** Lines such as `8:0 Read 4096`; the last one, `Total 4096`, names no device and is skipped. */
export function parseBlkio(text: string): readonly BlockEntry[] {
  const entries: BlockEntry[] = [];
  for (const line of text.split('\n')) {
    const match = /^(\d+):(\d+) (\w+) (\d+)$/.exec(line);
    if (match === null) continue;
    entries.push({ major: Number(match[1]), minor: Number(match[2]), op: match[3] ?? '', value: Number(match[4]) });
  }
  return entries;
}
