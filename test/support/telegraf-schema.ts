/**
 * What dashboards made for Telegraf query: measurement → tags and fields with their InfluxDB types. Written down by hand
 * from Telegraf's schemas, independent of the catalogs in the plugins, so that a slip in a catalog shows.
 */
export type InfluxType = 'float' | 'integer' | 'string' | 'boolean';

export interface Schema {
  readonly tags: readonly string[];
  readonly fields: Readonly<Record<string, InfluxType>>;
}

const floats = (...names: readonly string[]) => Object.fromEntries(names.map((name) => [name, 'float' as const]));
const integers = (...names: readonly string[]) => Object.fromEntries(names.map((name) => [name, 'integer' as const]));

export const TELEGRAF: Readonly<Record<string, Schema>> = {
  cpu: {
    tags: ['host', 'cpu'],
    fields: floats(
      ...['user', 'system', 'idle', 'nice', 'iowait', 'irq', 'softirq', 'steal', 'guest', 'guest_nice'].map((name) => `usage_${name}`),
    ),
  },
  mem: {
    tags: ['host'],
    fields: {
      ...integers('total', 'available', 'used', 'free', 'cached', 'buffered', 'active', 'inactive', 'shared', 'slab'),
      ...integers('sreclaimable', 'sunreclaim', 'dirty', 'mapped', 'page_tables', 'commit_limit', 'committed_as'),
      ...integers('swap_cached', 'swap_free', 'swap_total', 'vmalloc_chunk', 'vmalloc_total', 'vmalloc_used'),
      ...integers('high_free', 'high_total', 'low_free', 'low_total', 'write_back', 'write_back_tmp'),
      ...integers('huge_page_size', 'huge_pages_free', 'huge_pages_total'),
      ...floats('used_percent', 'available_percent'),
    },
  },
  swap: { tags: ['host'], fields: { ...integers('total', 'used', 'free', 'in', 'out'), ...floats('used_percent') } },
  system: {
    tags: ['host'],
    fields: {
      ...floats('load1', 'load5', 'load15'),
      ...integers('n_cpus', 'n_physical_cpus', 'uptime'),
      uptime_format: 'string',
    },
  },
  disk: {
    tags: ['host', 'path', 'device', 'fstype', 'mode'],
    fields: {
      ...integers('total', 'free', 'used', 'inodes_total', 'inodes_free', 'inodes_used'),
      ...floats('used_percent', 'inodes_used_percent'),
    },
  },
  diskio: {
    tags: ['host', 'name'],
    fields: {
      ...integers('reads', 'writes', 'read_bytes', 'write_bytes', 'read_time', 'write_time', 'io_time'),
      ...integers('weighted_io_time', 'iops_in_progress', 'merged_reads', 'merged_writes'),
      ...floats('io_util'),
    },
  },
  net: {
    tags: ['host', 'interface'],
    fields: integers(
      ...['bytes_sent', 'bytes_recv', 'packets_sent', 'packets_recv', 'err_in', 'err_out', 'drop_in', 'drop_out', 'speed'],
    ),
  },
  netstat: {
    tags: ['host'],
    fields: integers(
      ...['established', 'syn_sent', 'syn_recv', 'fin_wait1', 'fin_wait2', 'time_wait', 'close'].map((state) => `tcp_${state}`),
      ...['close_wait', 'last_ack', 'listen', 'closing', 'none'].map((state) => `tcp_${state}`),
      'udp_socket',
    ),
  },
  processes: {
    tags: ['host'],
    fields: integers(
      ...['total', 'running', 'sleeping', 'blocked', 'stopped', 'zombies', 'idle', 'paging', 'dead', 'unknown', 'total_threads'],
    ),
  },
  kernel: {
    tags: ['host'],
    fields: integers('boot_time', 'context_switches', 'interrupts', 'processes_forked', 'entropy_avail'),
  },
  internal_agent: {
    tags: ['host', 'version'],
    fields: integers('gather_errors', 'metrics_gathered', 'metrics_written', 'metrics_dropped'),
  },
  internal_gather: { tags: ['host', 'input', 'alias'], fields: integers('gather_time_ns', 'metrics_gathered') },
  internal_write: {
    tags: ['host', 'output', 'alias'],
    fields: integers('write_time_ns', 'buffer_size', 'metrics_written', 'metrics_dropped'),
  },
};
