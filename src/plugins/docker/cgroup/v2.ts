/** cgroup v2. Source: the kernel's documentation, admin-guide/cgroup-v2. Converts µs to ns. */
import type { BlockEntry } from '../api/answers.ts';

import type { CgroupStats, HostFacts } from './cgroup-stats.ts';
import { parseFlatKeyed } from './flat-keyed-file.ts';

export function readVersion2(folder: string, read: (path: string) => string, facts: HostFacts): CgroupStats {
  const cpu = parseFlatKeyed(read(`${folder}/cpu.stat`));
  const nanoseconds = (key: string) => (cpu[key] ?? 0) * 1000;
  const limit = read(`${folder}/memory.max`).trim();
  const io = parseIoStat(read(`${folder}/io.stat`));
  return {
    cpu_stats: {
      cpu_usage: {
        total_usage: nanoseconds('usage_usec'),
        usage_in_usermode: nanoseconds('user_usec'),
        usage_in_kernelmode: nanoseconds('system_usec'),
      },
      system_cpu_usage: facts.systemCpu,
      online_cpus: facts.onlineCpus,
      throttling_data: {
        periods: cpu['nr_periods'] ?? 0,
        throttled_periods: cpu['nr_throttled'] ?? 0,
        throttled_time: nanoseconds('throttled_usec'),
      },
    },
    memory_stats: {
      usage: Number(read(`${folder}/memory.current`)),
      limit: limit === 'max' ? facts.memoryTotal : Math.min(Number(limit), facts.memoryTotal),
      failcnt: parseFlatKeyed(read(`${folder}/memory.events`))['oom'] ?? 0,
      stats: parseFlatKeyed(read(`${folder}/memory.stat`)),
    },
    blkio_stats: {
      io_service_bytes_recursive: operations(io, { read: 'rbytes', write: 'wbytes' }),
      io_serviced_recursive: operations(io, { read: 'rios', write: 'wios' }),
    },
  };
}

interface IoDevice {
  readonly major: number;
  readonly minor: number;
  readonly counters: Readonly<Record<string, number>>;
}

/** Lines such as `8:0 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=0 dios=0`. A device without I/O has no pairs and is skipped. */
export function parseIoStat(text: string): readonly IoDevice[] {
  const devices: IoDevice[] = [];
  for (const line of text.split('\n')) {
    const [device = '', ...pairs] = line.trim().split(' ');
    const match = /^(\d+):(\d+)$/.exec(device);
    if (match === null || pairs.length === 0) continue;
    const counters: Record<string, number> = {};
    for (const pair of pairs) {
      const [key = '', value] = pair.split('=');
      counters[key] = Number(value);
    }
    devices.push({ major: Number(match[1]), minor: Number(match[2]), counters });
  }
  return devices;
}

function operations(devices: readonly IoDevice[], keys: Readonly<Record<string, string>>): readonly BlockEntry[] {
  return devices.flatMap(({ major, minor, counters }) =>
    Object.entries(keys).map(([op, key]) => ({ major, minor, op, value: counters[key] ?? 0 })),
  );
}
