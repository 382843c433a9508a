import type { Accumulator } from '../../../plugin/index.ts';
import type { EngineInfo } from '../api/answers.ts';
import type { metrics } from '../metrics.ts';
import type { DockerOptions } from '../options.ts';

import { deviceMapper } from './devicemapper.ts';
import type { Tags } from './tags.ts';

export function reportEngine(
  acc: Accumulator<typeof metrics>,
  info: EngineInfo,
  tags: Tags,
  { memory_total_unit_tag }: DockerOptions,
): void {
  const memory = { memory_total: info.MemTotal };
  acc.add(
    'docker',
    {
      n_cpus: info.NCPU,
      n_used_file_descriptors: info.NFd ?? 0,
      n_containers: info.Containers,
      n_containers_running: info.ContainersRunning,
      n_containers_stopped: info.ContainersStopped,
      n_containers_paused: info.ContainersPaused,
      n_images: info.Images,
      n_goroutines: info.NGoroutines ?? 0,
      n_listener_events: info.NEventsListener ?? 0,
      ...(memory_total_unit_tag ? {} : memory),
    },
    tags,
  );
  if (memory_total_unit_tag) acc.add('docker', memory, { ...tags, unit: 'bytes' });
  reportDeviceMapper(acc, info, tags);
}

function reportDeviceMapper(acc: Accumulator<typeof metrics>, { DriverStatus }: EngineInfo, tags: Tags): void {
  const pool = deviceMapper(DriverStatus ?? []);
  if (pool === undefined) return;
  const inBytes = { ...tags, unit: 'bytes' };
  acc.add('docker', { pool_blocksize: pool.poolBlocksize }, inBytes);
  acc.add('docker_data', pool.data, inBytes);
  acc.add('docker_metadata', pool.metadata, inBytes);
  acc.add('docker_devicemapper', pool.all, { ...tags, pool_name: pool.poolName });
}
