import type { ContainerStats } from '../api/answers.ts';

/** The statistics that a cgroup provides. */
export type CgroupStats = Pick<ContainerStats, 'cpu_stats' | 'memory_stats' | 'blkio_stats'>;

/** Host-wide values that a cgroup does not provide. */
export interface HostFacts {
  /** ns since boot summed over all CPUs, with idle and without steal, as the daemon counts. */
  readonly systemCpu: number;
  readonly onlineCpus: number;
  readonly memoryTotal: number;
}
