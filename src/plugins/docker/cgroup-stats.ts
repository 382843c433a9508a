import type { ContainerStats } from './api.ts';

/** What of a sample comes out of a cgroup. */
export type CgroupStats = Pick<ContainerStats, 'cpu_stats' | 'memory_stats' | 'blkio_stats'>;

/** What a cgroup does not know. */
export interface HostFacts {
  /** ns since boot over all CPUs, idle included, steal not: as the daemon counts. */
  readonly systemCpu: number;
  readonly onlineCpus: number;
  readonly memoryTotal: number;
}
