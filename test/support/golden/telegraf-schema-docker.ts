/** The Docker part of the table. Fields that cgroup v2 or a healthy daemon does not give are optional. */
import { floats, integers, strings, type Schema } from './measurement-schema.ts';

const ENGINE = ['host', 'engine_host', 'server_version'];
const CONTAINER = [...ENGINE, 'container_name', 'container_image', 'container_version', 'container_status'];

/** Of cgroup v1, each also with the prefix `total_`; v2 has some of them. */
const MEMORY = [
  ...['active_anon', 'active_file', 'cache', 'inactive_anon', 'inactive_file', 'mapped_file', 'pgfault', 'pgmajfault'],
  ...['pgpgin', 'pgpgout', 'rss', 'rss_huge', 'unevictable', 'writeback'],
];

const engine = { input: 'docker', needs: 'Docker', tags: ENGINE } as const;
const container = { input: 'docker', needs: 'Docker', tags: CONTAINER } as const;
const space = { ...engine, fields: integers('available', 'total', 'used') };

export const DOCKER: Readonly<Record<string, Schema>> = {
  docker: {
    ...engine,
    fields: integers(
      ...['n_cpus', 'n_used_file_descriptors', 'n_goroutines', 'n_listener_events', 'n_images', 'memory_total'],
      ...['n_containers', 'n_containers_running', 'n_containers_stopped', 'n_containers_paused'],
    ),
    sometimes: { tags: ['unit'], fields: integers('pool_blocksize') },
  },
  docker_container_status: {
    ...container,
    fields: {
      ...integers('pid', 'exitcode', 'restart_count', 'started_at', 'uptime_ns'),
      oomkilled: 'boolean',
      ...strings('container_id'),
    },
    sometimes: { fields: integers('finished_at') },
    own: { failed: 'boolean' },
  },
  docker_container_health: {
    ...container,
    fields: { ...strings('health_status'), ...integers('failing_streak') },
  },
  docker_container_mem: {
    ...container,
    fields: {
      ...integers('usage', 'limit', 'max_usage', 'active_anon', 'active_file', 'inactive_anon', 'inactive_file'),
      ...integers('unevictable', 'pgfault', 'pgmajfault'),
      ...floats('usage_percent'),
      ...strings('container_id'),
    },
    sometimes: {
      fields: integers(...MEMORY, ...MEMORY.map((name) => `total_${name}`), 'hierarchical_memory_limit', 'fail_count'),
    },
  },
  docker_container_cpu: {
    ...container,
    tags: [...CONTAINER, 'cpu'],
    fields: {
      ...integers('usage_total', 'usage_in_usermode', 'usage_in_kernelmode', 'usage_system'),
      ...integers('throttling_periods', 'throttling_throttled_periods', 'throttling_throttled_time'),
      ...floats('usage_percent'),
      ...strings('container_id'),
    },
  },
  docker_container_net: {
    ...container,
    tags: [...CONTAINER, 'network'],
    fields: {
      ...integers('rx_bytes', 'rx_packets', 'rx_errors', 'rx_dropped'),
      ...integers('tx_bytes', 'tx_packets', 'tx_errors', 'tx_dropped'),
      ...strings('container_id'),
    },
  },
  docker_container_blkio: {
    ...container,
    tags: [...CONTAINER, 'device'],
    fields: strings('container_id'),
    named: {
      pattern:
        /^(io_(service_bytes|serviced|queue|service_time|merged)_recursive_[a-z]+|io_wait_time_[a-z]+|(io_time|sectors)_recursive)$/,
      type: 'integer',
    },
  },
  docker_disk_usage: {
    ...engine,
    fields: integers('layers_size'),
    sometimes: {
      tags: [...CONTAINER, 'image_id', 'image_name', 'image_version', 'volume_name'],
      fields: integers('size_rw', 'size_root_fs', 'size', 'shared_size'),
    },
  },
  docker_swarm: {
    ...engine,
    tags: [...ENGINE, 'service_id', 'service_name', 'service_mode'],
    fields: integers('tasks_running', 'tasks_desired'),
    sometimes: { fields: integers('max_concurrent', 'total_completions') },
  },
  docker_data: { ...space, tags: [...ENGINE, 'unit'] },
  docker_metadata: { ...space, tags: [...ENGINE, 'unit'] },
  docker_devicemapper: {
    ...engine,
    tags: [...ENGINE, 'pool_name'],
    fields: integers(
      ...['base_device_size', 'pool_blocksize', 'thin_pool_minimum_free_space'].map((name) => `${name}_bytes`),
      ...['available', 'total', 'used'].flatMap((part) => [`data_space_${part}_bytes`, `metadata_space_${part}_bytes`]),
    ),
    sometimes: { tags: ['unit'] },
  },
};
