import type { ContainerStats, CpuStats } from './api.ts';
import { parseTime } from './time.ts';

/** What one sample leaves behind for the percentage of the next. */
export interface CpuSample {
  /** CPU time of the container: ns, on Windows 100 ns. */
  readonly total: number;
  /** CPU time of the host: ns. On Windows, where the daemon does not tell, 0. */
  readonly system: number;
  /** When it was taken: nanoseconds since the Unix epoch. */
  readonly read: bigint | undefined;
}

/** `cpu=cpu-total`. `percent` is left out while there is nothing to compare with. */
export function cpuTotals({ cpu_usage, system_cpu_usage, throttling_data }: CpuStats, percent: number | undefined) {
  return {
    usage_total: cpu_usage.total_usage,
    usage_in_usermode: cpu_usage.usage_in_usermode ?? 0,
    usage_in_kernelmode: cpu_usage.usage_in_kernelmode ?? 0,
    usage_system: system_cpu_usage ?? 0,
    throttling_periods: throttling_data?.periods ?? 0,
    throttling_throttled_periods: throttling_data?.throttled_periods ?? 0,
    throttling_throttled_time: throttling_data?.throttled_time ?? 0,
    usage_percent: percent,
  };
}

/** CPU time of each online CPU. cgroup v1 lists every CPU that could be plugged in; v2 does not tell CPUs apart. */
export function perCpu({ cpu_usage, online_cpus }: CpuStats): readonly number[] {
  const usages = cpu_usage.percpu_usage ?? [];
  return online_cpus !== undefined && online_cpus > 0 ? usages.slice(0, online_cpus) : usages;
}

export function cpuSample(stats: ContainerStats): CpuSample {
  return sampleOf(stats.cpu_stats, stats.read);
}

/**
 * The daemon's own sample before this one. A one-shot answer has none, an old daemon that does not know one-shot has.
 *
 * @returns undefined where the daemon left it empty
 */
export function daemonSample(stats: ContainerStats): CpuSample | undefined {
  const { precpu_stats, preread } = stats;
  const sample = precpu_stats?.cpu_usage && sampleOf(precpu_stats, preread);
  return sample && (sample.system > 0 || sample.read !== undefined) ? sample : undefined;
}

function sampleOf(cpu: CpuStats, read: string | undefined): CpuSample {
  return { total: cpu.cpu_usage.total_usage, system: cpu.system_cpu_usage ?? 0, read: parseTime(read) };
}

/**
 * Percent of one core (Linux) between two samples: 200 means two busy cores. On Windows, of all processors.
 *
 * @param hostCpus used where the answer has no number of CPUs (Podman)
 * @returns undefined when no time passed, or when the counter went back because the container was started anew
 */
export function cpuPercent(stats: ContainerStats, previous: CpuSample, hostCpus: number): number | undefined {
  const now = cpuSample(stats);
  const used = now.total - previous.total;
  if (used < 0) return undefined;
  if (stats.num_procs !== undefined && stats.num_procs > 0) {
    if (now.read === undefined || previous.read === undefined) return undefined;
    const possible = (Number(now.read - previous.read) / 100) * stats.num_procs;
    return possible > 0 ? (used / possible) * 100 : undefined;
  }
  const elapsed = now.system - previous.system;
  return elapsed > 0 ? (used / elapsed) * onlineCpus(stats.cpu_stats, hostCpus) * 100 : undefined;
}

function onlineCpus({ online_cpus, cpu_usage }: CpuStats, hostCpus: number): number {
  if (online_cpus !== undefined && online_cpus > 0) return online_cpus;
  const listed = cpu_usage.percpu_usage?.length ?? 0;
  return listed > 0 ? listed : hostCpus;
}
