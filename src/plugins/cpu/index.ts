import { defineInput, isPortable, provider, z, type Host, type Logger } from '../../plugin/index.ts';

import { metrics } from './metrics.ts';
import { readPortable } from './portable.ts';
import { parseCpuTimes, type Column, type CpuSample } from './stat.ts';
import { readCoreTags } from './topology.ts';
import { absurdColumns, kernelTicks, timesInSeconds, usageBetween } from './usage.ts';

/** CPU usage. Source: proc(5), section /proc/stat; formulas as in Telegraf. */
export const cpu = defineInput({
  name: 'cpu',
  summary: 'CPU usage by mode: user, system, idle, I/O wait, steal and others',
  config: z.strictObject({
    percpu: z.boolean().default(true).describe('Reports one series per CPU'),
    totalcpu: z.boolean().default(true).describe('Reports the series cpu=cpu-total'),
    collect_cpu_time: z.boolean().default(false).describe('Adds time_*, the CPU time since boot in seconds'),
    report_active: z.boolean().default(false).describe('Adds usage_active and time_active, all time that is not idle'),
    core_tags: z.boolean().default(false).describe('Adds the tags core_id and physical_id (Linux)'),
    provider: provider(),
  }),
  metrics,
  create({ percpu, totalcpu, collect_cpu_time, report_active, core_tags, provider }, { host, log }) {
    const portable = isPortable(provider, host.platform);
    const tagsOf = rememberTags(core_tags && !portable ? host : undefined);
    const wanted = (series: string) => (series === 'cpu-total' ? totalcpu : percpu);
    const warn = warnOnce(log);
    let previous: CpuSample = new Map();

    return {
      gather(acc) {
        const sample = portable ? readPortable() : readNative(host);
        const backwards: string[] = [];
        for (const [series, times] of inTelegrafOrder(sample)) {
          if (!wanted(series)) continue;
          if (collect_cpu_time) acc.add('cpu', timesInSeconds(times, report_active), tagsOf(series));
          // The first sample of a CPU, at start or after hotplug, has no predecessor.
          const before = previous.get(series);
          if (before === undefined) continue;
          if (kernelTicks(times) < kernelTicks(before)) {
            backwards.push(series);
            continue;
          }
          warn(absurdColumns(before, times));
          const usage = usageBetween(before, times, report_active);
          if (usage !== undefined) acc.add('cpu', usage, tagsOf(series));
        }
        previous = sample;
        if (backwards.length > 0) {
          acc.error(new Error(`The counters of ${backwards.join(', ')} went backwards; their usage is left out once`));
        }
      },
    };
  },
});

function readNative(host: Host): CpuSample {
  const path = `${host.proc}/stat`;
  const sample = parseCpuTimes(readStat(host, path));
  if (sample.size === 0) throw new Error(`No line "cpu …" at the start of ${path}; check what is mounted there`);
  return sample;
}

function readStat(host: Host, path: string): Uint8Array {
  try {
    return host.read(path);
  } catch (cause) {
    throw new Error(`Cannot read CPU times from ${path}; check that procfs is mounted there (HOST_PROC)`, { cause });
  }
}

/** Single CPUs first, then the total, which the kernel prints first. */
function* inTelegrafOrder(sample: CpuSample) {
  for (const entry of sample) if (entry[0] !== 'cpu-total') yield entry;
  const total = sample.get('cpu-total');
  if (total !== undefined) yield ['cpu-total', total] as const;
}

/** A hypervisor that reports nonsense does so at every gather. */
function warnOnce(log: Logger): (columns: readonly Column[]) => void {
  const known = new Set<Column>();
  return (columns) => {
    for (const column of columns) {
      if (known.has(column)) continue;
      known.add(column);
      log.warn(`The CPU time "${column}" is absurd or runs backwards; usage_${column} is left out while it does`);
    }
  };
}

/** @param host source of the topology; undefined without core tags */
function rememberTags(host: Host | undefined) {
  const known = new Map<string, Readonly<Record<string, string | undefined>>>();
  return (series: string) => {
    let tags = known.get(series);
    if (tags === undefined) {
      tags = host === undefined ? { cpu: series } : { cpu: series, ...readCoreTags(host, series) };
      known.set(series, tags);
    }
    return tags;
  };
}
