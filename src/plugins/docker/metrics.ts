import type { MetricCatalog } from '../../plugin/index.ts';

import { memoryMetric } from './metrics-memory.ts';

const ENGINE_TAGS = {
  engine_host: 'Host name reported by the daemon',
  server_version: 'Version of the daemon',
} as const;

const CONTAINER_TAGS = {
  ...ENGINE_TAGS,
  container_name: 'Name of the container',
  container_image: 'Image name without the tag',
  container_version: 'Tag of the image, or unknown',
  container_status: 'running, exited, paused, …; removed once, when it is removed',
  source: 'First 12 characters of the container ID (source_tag)',
  '*': 'Labels and environment variables of the container (docker_label_include, tag_env)',
} as const;

const CONTAINER_ID = { type: 'string', help: 'Full ID of the container' } as const;

export const metrics = {
  docker: {
    help: 'The Docker daemon',
    tags: { ...ENGINE_TAGS, unit: 'bytes; on pool_blocksize, and on memory_total with memory_total_unit_tag' },
    fields: {
      n_cpus: { type: 'int', unit: 'cpus', help: 'Processors of the host' },
      n_used_file_descriptors: { type: 'int', unit: 'descriptors', help: 'File descriptors of the daemon' },
      n_containers: { type: 'int', unit: 'containers', help: 'All containers' },
      n_containers_running: { type: 'int', unit: 'containers', help: 'Running containers' },
      n_containers_stopped: { type: 'int', unit: 'containers', help: 'Stopped containers' },
      n_containers_paused: { type: 'int', unit: 'containers', help: 'Paused containers' },
      n_images: { type: 'int', unit: 'images', help: 'Images on the host' },
      n_goroutines: { type: 'int', unit: 'goroutines', help: 'Goroutines of the daemon' },
      n_listener_events: { type: 'int', unit: 'listeners', help: 'Subscribers of the event stream' },
      memory_total: { type: 'int', unit: 'bytes', help: 'Total memory of the host' },
      pool_blocksize: { type: 'int', unit: 'bytes', help: 'Block size of the thin pool (devicemapper)' },
    },
  },
  docker_data: {
    help: 'Data space of the devicemapper driver',
    tags: { ...ENGINE_TAGS, unit: 'bytes' },
    fields: space('data'),
  },
  docker_metadata: {
    help: 'Metadata space of the devicemapper driver',
    tags: { ...ENGINE_TAGS, unit: 'bytes' },
    fields: space('metadata'),
  },
  docker_devicemapper: {
    help: 'Thin pool of the devicemapper driver',
    tags: { ...ENGINE_TAGS, pool_name: 'Name of the pool' },
    fields: {},
    dynamic: { type: 'int', unit: 'bytes', help: 'Each size that the daemon reports, with _bytes appended' },
  },
  docker_container_status: {
    help: 'State of one container; changes are also reported at once',
    tags: CONTAINER_TAGS,
    fields: {
      oomkilled: { type: 'bool', help: 'Whether the kernel killed it for lack of memory' },
      pid: { type: 'int', help: 'Process ID on the host; 0 if not running' },
      exitcode: { type: 'int', help: 'Exit code of the last run' },
      failed: {
        type: 'bool',
        help: 'Whether it ended by itself with an exit code other than 0, 130 (SIGINT) and 143 (SIGTERM)',
      },
      restart_count: { type: 'int', unit: 'restarts', kind: 'counter', help: 'Restarts by the restart policy' },
      container_id: CONTAINER_ID,
      started_at: { type: 'int', unit: 'ns', help: 'Last start, since the Unix epoch' },
      finished_at: { type: 'int', unit: 'ns', help: 'Last exit, since the Unix epoch; absent while running' },
      uptime_ns: { type: 'int', unit: 'ns', help: 'Time since the start; if exited, duration of the last run' },
    },
  },
  docker_container_health: {
    help: 'Health of one container with a healthcheck; changes are also reported at once',
    tags: CONTAINER_TAGS,
    fields: {
      health_status: { type: 'string', help: 'healthy, unhealthy or starting' },
      failing_streak: { type: 'int', unit: 'checks', help: 'Consecutive failed checks' },
    },
  },
  docker_container_mem: { ...memoryMetric, tags: CONTAINER_TAGS },
  docker_container_cpu: {
    help: 'CPU time of one container',
    kind: 'counter',
    tags: { ...CONTAINER_TAGS, cpu: 'cpu-total; with cgroup v1 also cpu0, cpu1, …' },
    fields: {
      usage_total: { type: 'int', unit: 'ns', help: 'CPU time used (Windows: in units of 100 ns)' },
      usage_in_usermode: { type: 'int', unit: 'ns', help: 'CPU time used in user mode' },
      usage_in_kernelmode: { type: 'int', unit: 'ns', help: 'CPU time used in the kernel' },
      usage_system: { type: 'int', unit: 'ns', help: 'CPU time of the whole host, including idle' },
      throttling_periods: { type: 'int', unit: 'periods', help: 'Periods in which a CPU limit was enforced' },
      throttling_throttled_periods: { type: 'int', unit: 'periods', help: 'Periods in which the limit was hit' },
      throttling_throttled_time: { type: 'int', unit: 'ns', help: 'Time spent throttled' },
      usage_percent: {
        type: 'float',
        unit: 'percent',
        kind: 'gauge',
        help: 'CPU usage since the previous gather; 100 is one core (Windows: all processors). Absent on the first gather',
      },
      container_id: CONTAINER_ID,
    },
  },
  docker_container_net: {
    help: 'Network traffic of one container; none with host networking',
    kind: 'counter',
    tags: { ...CONTAINER_TAGS, network: 'Interface, such as eth0, or total' },
    fields: {
      rx_bytes: { type: 'int', unit: 'bytes', help: 'Bytes received' },
      rx_packets: { type: 'int', unit: 'packets', help: 'Packets received' },
      rx_errors: { type: 'int', unit: 'packets', help: 'Packets received with an error' },
      rx_dropped: { type: 'int', unit: 'packets', help: 'Packets dropped on receive' },
      tx_bytes: { type: 'int', unit: 'bytes', help: 'Bytes sent' },
      tx_packets: { type: 'int', unit: 'packets', help: 'Packets sent' },
      tx_errors: { type: 'int', unit: 'packets', help: 'Packets that failed to send' },
      tx_dropped: { type: 'int', unit: 'packets', help: 'Packets dropped on send' },
      container_id: CONTAINER_ID,
    },
  },
  docker_container_blkio: {
    help: 'Block I/O of one container. Further operations: sync, async, discard',
    kind: 'counter',
    tags: { ...CONTAINER_TAGS, device: 'major:minor of the device, or total' },
    fields: {
      io_service_bytes_recursive_read: { type: 'int', unit: 'bytes', help: 'Bytes read' },
      io_service_bytes_recursive_write: { type: 'int', unit: 'bytes', help: 'Bytes written' },
      io_service_bytes_recursive_total: { type: 'int', unit: 'bytes', help: 'Bytes read, written or discarded' },
      io_serviced_recursive_read: { type: 'int', unit: 'operations', help: 'Reads' },
      io_serviced_recursive_write: { type: 'int', unit: 'operations', help: 'Writes' },
      io_serviced_recursive_total: { type: 'int', unit: 'operations', help: 'All operations' },
      container_id: CONTAINER_ID,
    },
    dynamic: {
      type: 'int',
      help: 'cgroup v1 with the CFQ scheduler: io_queue_recursive_*, io_service_time_recursive_*, io_wait_time_*, io_merged_recursive_*, io_time_recursive, sectors_recursive',
    },
  },
  docker_swarm: {
    help: 'Services of the swarm (gather_services); managers only',
    tags: {
      ...ENGINE_TAGS,
      service_id: 'ID of the service',
      service_name: 'Name of the service',
      service_mode: 'replicated, global, replicated_job or global_job',
    },
    fields: {
      tasks_running: { type: 'int', unit: 'tasks', help: 'Running tasks' },
      tasks_desired: { type: 'int', unit: 'tasks', help: 'Desired tasks' },
      max_concurrent: { type: 'int', unit: 'tasks', help: 'Maximum concurrent tasks (job)' },
      total_completions: { type: 'int', unit: 'tasks', help: 'Tasks to complete (job)' },
    },
  },
  docker_disk_usage: {
    help: 'Disk usage of layers, containers, images and volumes (storage_objects)',
    tags: {
      ...CONTAINER_TAGS,
      image_id: 'First 12 characters of the image ID',
      image_name: 'Image name without the tag',
      image_version: 'Tag of the image, or unknown',
      volume_name: 'Name of the volume',
    },
    fields: {
      layers_size: { type: 'int', unit: 'bytes', help: 'All image layers' },
      size_rw: { type: 'int', unit: 'bytes', help: 'Writable layer of a container' },
      size_root_fs: { type: 'int', unit: 'bytes', help: 'Whole root file system of a container' },
      size: { type: 'int', unit: 'bytes', help: 'Size of an image or a volume' },
      shared_size: { type: 'int', unit: 'bytes', help: 'Size that an image shares with others; −1 if unknown' },
    },
  },
} as const satisfies MetricCatalog;

function space(what: string) {
  return {
    available: { type: 'int', unit: 'bytes', help: `Free ${what} space` },
    total: { type: 'int', unit: 'bytes', help: `Total ${what} space` },
    used: { type: 'int', unit: 'bytes', help: `Used ${what} space` },
  } as const;
}
