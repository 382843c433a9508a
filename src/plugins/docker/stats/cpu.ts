import type { ContainerStats, CpuStats } from '../api/answers.ts';
import { parseTime } from '../api/time.ts';

/** CPU counters of one sample; two of them give the usage in percent. */
export interface CpuSample {
  /** CPU time of the container in ns; on Windows in units of 100 ns. */
  readonly total: number;
  /** CPU time of the host in ns; 0 on Windows, where the daemon does not report it. */
  readonly system: number;
  /** Time of the sample, nanoseconds since the Unix epoch. */
  readonly read: bigint | undefined;
}

/** Fields of `cpu=cpu-total`. `percent` is undefined for the first sample. */
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

/** CPU time per online CPU. cgroup v1 lists every possible CPU; v2 has no per-CPU counters. */
export function perCpu({ cpu_usage, online_cpus }: CpuStats): readonly number[] {
  const usages = cpu_usage.percpu_usage ?? [];
  return online_cpus !== undefined && online_cpus > 0 ? usages.slice(0, online_cpus) : usages;
}

export function cpuSample(stats: ContainerStats): CpuSample {
  return sampleOf(stats.cpu_stats, stats.read);
}

/**
 * The daemon's own previous sample. Only daemons too old for one-shot requests send one.
 *
 * @returns undefined if the daemon left it empty
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
 * Percent of one core (Linux) between two samples: 200 means two busy cores. On Windows, of all processors. The time between
 * the samples is that of their `read`: Podman's CPU time of the host is not the time of all its CPUs.
 *
 * @param hostCpus used if the samples have no times, and the answer no number of CPUs
 * @returns undefined if no time passed, or if the counter went back because the container was restarted
 */
export function cpuPercent(stats: ContainerStats, previous: CpuSample, hostCpus: number): number | undefined {
  const now = cpuSample(stats);
  const used = now.total - previous.total;
  if (used < 0) return undefined;
  const elapsed = nanosecondsBetween(previous, now);
  if (stats.num_procs !== undefined && stats.num_procs > 0) {
    return elapsed > 0 ? ((used * 100) / (elapsed * stats.num_procs)) * 100 : undefined;
  }
  if (elapsed > 0) return (used / elapsed) * 100;
  const onHost = (now.system - previous.system) / onlineCpus(stats.cpu_stats, hostCpus);
  return onHost > 0 ? (used / onHost) * 100 : undefined;
}

/** Not positive if unknown, or if the clock was set back. */
function nanosecondsBetween(previous: CpuSample, now: CpuSample): number {
  return now.read === undefined || previous.read === undefined ? 0 : Number(now.read - previous.read);
}

function onlineCpus({ online_cpus, cpu_usage }: CpuStats, hostCpus: number): number {
  if (online_cpus !== undefined && online_cpus > 0) return online_cpus;
  const listed = cpu_usage.percpu_usage?.length ?? 0;
  return listed > 0 ? listed : hostCpus;
}
