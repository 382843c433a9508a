/**
 * Tags and fields, by measurement, that Telegraf dashboards in Grafana's gallery query: 928 and its many copies, 5955, 14298,
 * 20762, 79, 1138, 1150, 10578, 10581, 13021, 15650, 19965 and InfluxData's own for Linux and Docker.
 */
import type { DashboardQuery } from '../../../src/grafana/list-queries.ts';

import type { Ability } from '../golden/measurement-schema.ts';

interface Asked {
  readonly needs?: Ability;
  readonly tags?: readonly string[];
  readonly fields: readonly string[];
  /** Queried in addition, on hosts that have it. */
  readonly further?: { readonly needs: Ability; readonly fields: readonly string[] };
  /** Of points with one tag value. */
  readonly where?: string;
}

const CONTAINER_TAGS = ['container_name', 'container_image', 'container_status', 'engine_host', 'server_version'];

function each(prefixes: readonly string[], names: readonly string[]): readonly string[] {
  return prefixes.flatMap((prefix) => names.map((name) => `${prefix}${name}`));
}

const GALLERY: Readonly<Record<string, Asked>> = {
  cpu: {
    tags: ['cpu'],
    fields: each(
      ['usage_'],
      ['user', 'system', 'idle', 'iowait', 'nice', 'irq', 'softirq', 'steal', 'guest', 'guest_nice', 'active'],
    ),
    where: `"cpu" = 'cpu-total'`,
  },
  mem: { fields: ['total', 'used', 'free', 'cached', 'buffered', 'available', 'used_percent', 'available_percent'] },
  swap: { fields: ['total', 'used', 'free', 'used_percent', 'in', 'out'] },
  system: {
    fields: ['load1', 'load5', 'load15', 'n_cpus', 'uptime', 'uptime_format'],
    further: { needs: 'login records', fields: ['n_users'] },
  },
  disk: {
    needs: 'file systems',
    tags: ['path', 'device', 'fstype', 'mode'],
    fields: [
      ...['total', 'used', 'free', 'used_percent'],
      ...each(['inodes_'], ['total', 'used', 'free', 'used_percent']),
    ],
  },
  diskio: {
    needs: 'block devices',
    tags: ['name'],
    fields: [
      ...each(['read', 'write'], ['s', '_bytes', '_time']),
      ...['io_time', 'weighted_io_time', 'iops_in_progress', 'merged_reads', 'merged_writes'],
    ],
  },
  net: {
    needs: 'network interfaces',
    tags: ['interface'],
    fields: [
      ...['bytes_sent', 'bytes_recv', 'packets_sent', 'packets_recv', 'err_in', 'err_out', 'drop_in', 'drop_out'],
      ...each(['tcp_'], ['activeopens', 'passiveopens', 'estabresets', 'outrsts']),
      ...each(['udp_'], ['indatagrams', 'outdatagrams']),
    ],
  },
  netstat: {
    fields: [
      ...each(
        ['tcp_'],
        ['established', 'syn_sent', 'syn_recv', 'fin_wait1', 'fin_wait2', 'time_wait', 'close', 'close_wait'],
      ),
      ...each(['tcp_'], ['last_ack', 'listen', 'closing']),
      'udp_socket',
    ],
  },
  processes: {
    fields: [
      ...['total', 'running', 'sleeping', 'blocked', 'stopped', 'zombies', 'idle', 'paging', 'unknown', 'dead'],
      'total_threads',
    ],
  },
  kernel: { fields: ['context_switches', 'interrupts', 'processes_forked', 'boot_time', 'entropy_avail'] },
  temp: { needs: 'temperature sensors', tags: ['sensor'], fields: ['temp'] },
  docker: {
    tags: ['engine_host', 'server_version'],
    fields: [
      ...each(['n_containers'], ['', '_running', '_paused', '_stopped']),
      ...['n_images', 'n_cpus', 'n_goroutines', 'n_used_file_descriptors', 'memory_total'],
    ],
  },
  docker_container_cpu: {
    tags: [...CONTAINER_TAGS, 'cpu'],
    fields: [
      ...['usage_percent', 'usage_total', 'usage_in_usermode', 'usage_in_kernelmode', 'usage_system', 'container_id'],
      ...each(['throttling_'], ['periods', 'throttled_periods', 'throttled_time']),
    ],
    where: `"cpu" = 'cpu-total'`,
  },
  docker_container_mem: {
    tags: CONTAINER_TAGS,
    fields: ['usage', 'usage_percent', 'limit', 'max_usage', 'cache', 'rss', 'pgfault', 'container_id'],
  },
  docker_container_net: {
    tags: [...CONTAINER_TAGS, 'network'],
    fields: each(['rx_', 'tx_'], ['bytes', 'packets', 'errors', 'dropped']),
  },
  docker_container_blkio: {
    tags: [...CONTAINER_TAGS, 'device'],
    fields: each(['io_service_bytes_recursive_', 'io_serviced_recursive_'], ['read', 'write', 'total']),
  },
  docker_container_status: {
    tags: CONTAINER_TAGS,
    fields: ['uptime_ns', 'started_at', 'exitcode', 'oomkilled', 'pid'],
  },
  docker_container_health: { tags: CONTAINER_TAGS, fields: ['health_status', 'failing_streak'] },
  internal_agent: { fields: ['gather_errors', 'metrics_gathered', 'metrics_written', 'metrics_dropped'] },
  internal_gather: { tags: ['input'], fields: ['gather_time_ns', 'metrics_gathered'] },
  internal_write: { tags: ['output'], fields: ['write_time_ns', 'buffer_size', 'metrics_written'] },
};

/** Telegraf inputs in the gallery's dashboards that healthd does not have. */
export const NOT_HERE = [
  ...['interrupts', 'linux_sysctl_fs', 'conntrack', 'nstat', 'sensors', 'smart', 'nvidia_smi'],
  ...['http_response', 'dns_query'],
];

interface GalleryQuery extends DashboardQuery {
  readonly needs: Ability | undefined;
}

/** One query per tag and field. */
export const galleryQueries: readonly GalleryQuery[] = Object.entries(GALLERY).flatMap(
  ([measurement, { needs, tags = [], fields, further, where }]) => {
    const filters = ['$timeFilter', ...(where === undefined ? [] : [where])].join(' AND ');
    const value = (field: string) => `SELECT last("${field}") FROM "${measurement}" WHERE ${filters}`;
    return [
      ...['host', ...tags].map((tag) =>
        query(`${measurement}, tag ${tag}`, `SHOW TAG VALUES FROM "${measurement}" WITH KEY = "${tag}"`, needs),
      ),
      ...fields.map((field) => query(`${measurement}, field ${field}`, value(field), needs)),
      ...(further?.fields ?? []).map((field) => query(`${measurement}, field ${field}`, value(field), further?.needs)),
    ];
  },
);

function query(place: string, text: string, needs: Ability | undefined): GalleryQuery {
  return { place, needs, purpose: 'series', text, placeholders: text.includes('$') ? ['$timeFilter'] : [] };
}
