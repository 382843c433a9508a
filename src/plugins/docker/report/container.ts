import type { Accumulator } from '../../../plugin/index.ts';
import type { ContainerInspection, ContainerStats } from '../api/answers.ts';
import type { metrics } from '../metrics.ts';
import type { DockerOptions } from '../options.ts';
import { blockDevices, blockTotals } from '../stats/blkio.ts';
import { cpuTotals, perCpu } from '../stats/cpu.ts';
import { memoryFields } from '../stats/memory.ts';
import { networkFields, networkTotals } from '../stats/network.ts';

import { healthFields, statusFields } from './status.ts';
import type { Tags } from './tags.ts';

type DockerAccumulator = Accumulator<typeof metrics>;

export interface Inspected {
  readonly inspection: ContainerInspection;
  readonly failed: boolean;
}

/** @param now nanoseconds since the Unix epoch */
export function reportStatus(acc: DockerAccumulator, { inspection, failed }: Inspected, tags: Tags, now: bigint): void {
  acc.add('docker_container_status', { ...statusFields(inspection, now), failed }, tags);
  const health = healthFields(inspection.State);
  if (health !== undefined) acc.add('docker_container_health', health, tags);
}

export interface Sampled {
  readonly stats: ContainerStats;
  /** CPU usage since the previous sample, if there was one. */
  readonly percent: number | undefined;
  readonly isWindows: boolean;
  /** Becomes the field `container_id` of every measurement. */
  readonly containerId: string;
}

export function reportStats(acc: DockerAccumulator, sampled: Sampled, tags: Tags, options: DockerOptions): void {
  const { stats, containerId: container_id, isWindows } = sampled;
  acc.add(
    'docker_container_mem',
    { ...memoryFields(stats.memory_stats, options.memory_formula, isWindows), container_id },
    tags,
  );
  reportCpu(acc, sampled, tags, options);
  reportNetwork(acc, sampled, tags, options);
  reportBlock(acc, sampled, tags, options);
}

function reportCpu(acc: DockerAccumulator, sampled: Sampled, tags: Tags, options: DockerOptions): void {
  const { containerId: container_id, percent } = sampled;
  const { cpu_stats } = sampled.stats;
  if (options.total_include.includes('cpu')) {
    acc.add('docker_container_cpu', { ...cpuTotals(cpu_stats, percent), container_id }, { ...tags, cpu: 'cpu-total' });
  }
  if (!options.perdevice_include.includes('cpu')) return;
  for (const [index, usage_total] of perCpu(cpu_stats).entries()) {
    acc.add('docker_container_cpu', { usage_total, container_id }, { ...tags, cpu: `cpu${index}` });
  }
}

/** Reports nothing with host networking, where no interface belongs to the container. */
function reportNetwork(acc: DockerAccumulator, sampled: Sampled, tags: Tags, options: DockerOptions): void {
  const { containerId: container_id } = sampled;
  const networks = Object.entries(sampled.stats.networks ?? {});
  for (const [network, stats] of options.perdevice_include.includes('network') ? networks : []) {
    acc.add('docker_container_net', { ...networkFields(stats), container_id }, { ...tags, network });
  }
  if (networks.length === 0 || !options.total_include.includes('network')) return;
  const totals = networkTotals(networks.map(([, stats]) => stats));
  acc.add('docker_container_net', { ...totals, container_id }, { ...tags, network: 'total' });
}

/** Reports the total even if the container has not touched a device yet, so that the series starts with the container. */
function reportBlock(acc: DockerAccumulator, sampled: Sampled, tags: Tags, options: DockerOptions): void {
  const { containerId: container_id } = sampled;
  const devices = blockDevices(sampled.stats.blkio_stats ?? {});
  for (const [device, fields] of options.perdevice_include.includes('blkio') ? devices : []) {
    acc.add('docker_container_blkio', { ...fields, container_id }, { ...tags, device });
  }
  if (!options.total_include.includes('blkio')) return;
  acc.add('docker_container_blkio', { ...blockTotals(devices.values()), container_id }, { ...tags, device: 'total' });
}
