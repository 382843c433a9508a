/**
 * What Telegraf's dashboards query: measurement → tags and fields with their InfluxDB types. Written by hand from Telegraf's
 * schemas, independent of the plugins' catalogs, so that a mistake in a catalog shows.
 */
import { floats, integers, strings, type Schema } from './measurement-schema.ts';
import { DOCKER } from './telegraf-schema-docker.ts';

const CPU_STATES = ['user', 'system', 'idle', 'nice', 'iowait', 'irq', 'softirq', 'steal', 'guest', 'guest_nice'];

export const TELEGRAF: Readonly<Record<string, Schema>> = {
  cpu: {
    input: 'cpu',
    tags: ['host', 'cpu'],
    fields: floats(...CPU_STATES.map((state) => `usage_${state}`)),
    further: [
      { options: { collect_cpu_time: true }, fields: floats(...CPU_STATES.map((state) => `time_${state}`)) },
      { options: { report_active: true }, fields: floats('usage_active', 'time_active') },
    ],
  },
  mem: {
    input: 'mem',
    tags: ['host'],
    fields: {
      ...integers('total', 'available', 'used', 'free', 'cached', 'buffered', 'active', 'inactive', 'shared', 'slab'),
      ...integers('sreclaimable', 'sunreclaim', 'dirty', 'mapped', 'page_tables', 'commit_limit', 'committed_as'),
      ...integers('swap_cached', 'swap_free', 'swap_total', 'vmalloc_chunk', 'vmalloc_total', 'vmalloc_used'),
      ...integers('high_free', 'high_total', 'low_free', 'low_total', 'write_back', 'write_back_tmp'),
      ...integers('huge_page_size', 'huge_pages_free', 'huge_pages_total'),
      ...floats('used_percent', 'available_percent'),
    },
    further: [
      {
        options: { collect_extended: true },
        fields: integers('active_file', 'inactive_file', 'active_anon', 'inactive_anon', 'unevictable', 'percpu'),
      },
    ],
  },
  swap: {
    input: 'swap',
    tags: ['host'],
    fields: { ...integers('total', 'used', 'free', 'in', 'out'), ...floats('used_percent') },
  },
  system: {
    input: 'system',
    tags: ['host'],
    fields: {
      ...floats('load1', 'load5', 'load15'),
      ...integers('n_cpus', 'n_physical_cpus', 'uptime'),
      ...strings('uptime_format'),
    },
    further: [
      { needs: 'login records', fields: integers('n_users', 'n_unique_users') },
      { options: { include: ['legacy', 'os'] }, fields: strings('os', 'arch', 'platform', 'kernel_version') },
    ],
    // Optional in os-release: a rolling distribution has no version.
    sometimes: { fields: strings('platform_family', 'platform_version') },
  },
  disk: {
    input: 'disk',
    needs: 'file systems',
    tags: ['host', 'path', 'device', 'fstype', 'mode'],
    fields: {
      ...integers('total', 'free', 'used', 'inodes_total', 'inodes_free', 'inodes_used'),
      ...floats('used_percent', 'inodes_used_percent'),
    },
    sometimes: { tags: ['label', 'pool'] },
    own: { read_only: 'boolean' },
  },
  diskio: {
    input: 'diskio',
    needs: 'block devices',
    tags: ['host', 'name'],
    fields: {
      ...integers('reads', 'writes', 'read_bytes', 'write_bytes', 'read_time', 'write_time', 'io_time'),
      ...integers('weighted_io_time', 'iops_in_progress', 'merged_reads', 'merged_writes'),
      ...floats('io_util'),
    },
    // Means over operations, if there were any since the previous gather.
    sometimes: { tags: ['wwid'], fields: floats('io_await', 'io_svctm') },
  },
  net: {
    input: 'net',
    needs: 'network interfaces',
    tags: ['host', 'interface'],
    fields: integers(
      ...[
        'bytes_sent',
        'bytes_recv',
        'packets_sent',
        'packets_recv',
        'err_in',
        'err_out',
        'drop_in',
        'drop_out',
        'speed',
      ],
    ),
    further: [
      {
        options: { protocol_counters: true },
        fields: integers(
          ...['activeopens', 'passiveopens', 'attemptfails', 'estabresets', 'currestab'].map((name) => `tcp_${name}`),
          ...['insegs', 'outsegs', 'retranssegs', 'inerrs', 'outrsts'].map((name) => `tcp_${name}`),
          ...['indatagrams', 'outdatagrams', 'noports', 'inerrors'].map((name) => `udp_${name}`),
          ...['inmsgs', 'outmsgs', 'inerrors', 'indestunreachs', 'outdestunreachs'].map((name) => `icmp_${name}`),
          ...['inreceives', 'outrequests', 'indelivers', 'forwdatagrams', 'indiscards'].map((name) => `ip_${name}`),
        ),
      },
    ],
    named: { pattern: /^(ip|icmp|icmpmsg|tcp|udp|udplite)_[a-z0-9]+$/, type: 'integer' },
  },
  netstat: {
    input: 'netstat',
    tags: ['host'],
    fields: integers(
      ...['established', 'syn_sent', 'syn_recv', 'fin_wait1', 'fin_wait2', 'time_wait', 'close'].map(
        (state) => `tcp_${state}`,
      ),
      ...['close_wait', 'last_ack', 'listen', 'closing', 'none'].map((state) => `tcp_${state}`),
      'udp_socket',
    ),
  },
  processes: {
    input: 'processes',
    tags: ['host'],
    fields: integers(
      ...[
        'total',
        'running',
        'sleeping',
        'blocked',
        'stopped',
        'zombies',
        'idle',
        'paging',
        'dead',
        'unknown',
        'total_threads',
      ],
    ),
    sometimes: { fields: integers('parked') },
  },
  kernel: {
    input: 'kernel',
    tags: ['host'],
    fields: integers('boot_time', 'context_switches', 'interrupts', 'processes_forked', 'entropy_avail'),
    further: [
      {
        options: { collect: ['ksm'] },
        needs: 'page merging',
        fields: integers(
          ...['full_scans', 'max_page_sharing', 'merge_across_nodes', 'run', 'sleep_millisecs'].map(
            (name) => `ksm_${name}`,
          ),
          ...['shared', 'sharing', 'to_scan', 'unshared', 'volatile'].map((name) => `ksm_pages_${name}`),
          ...['chains', 'chains_prune_millisecs', 'dups'].map((name) => `ksm_stable_node_${name}`),
          'ksm_use_zero_pages',
        ),
      },
    ],
    // Since Linux 6.1, and before 2.6.
    sometimes: { fields: integers('ksm_general_profit', 'disk_pages_in', 'disk_pages_out') },
  },
  pressure: {
    input: 'kernel',
    tags: ['host', 'resource', 'type'],
    fields: {},
    further: [
      {
        options: { collect: ['psi'] },
        needs: 'pressure figures',
        fields: { ...floats('avg10', 'avg60', 'avg300'), ...integers('total') },
      },
    ],
  },
  temp: { input: 'temp', needs: 'temperature sensors', tags: ['host', 'sensor'], fields: floats('temp') },
  internal_agent: {
    input: 'internal',
    tags: ['host', 'version'],
    fields: integers(
      ...['metrics_gathered', 'metrics_written', 'metrics_dropped', 'metrics_rejected'],
      ...['gather_errors', 'gather_timeouts', 'write_errors', 'unhandled_errors'],
    ),
  },
  internal_gather: {
    input: 'internal',
    tags: ['host', 'version', 'input', 'alias'],
    fields: integers('metrics_gathered', 'gather_time_ns', 'gather_timeouts', 'gather_errors'),
    own: integers('gather_skipped'),
  },
  internal_write: {
    input: 'internal',
    tags: ['host', 'version', 'output', 'alias'],
    fields: integers(
      ...['metrics_added', 'metrics_written', 'metrics_dropped', 'metrics_rejected', 'metrics_filtered'],
      ...['buffer_size', 'buffer_limit', 'write_time_ns', 'write_errors'],
    ),
    own: integers('buffer_bytes'),
  },
  internal_journal: {
    input: 'internal',
    tags: ['host', 'version'],
    fields: integers('segments', 'disk_bytes', 'memory_bytes', 'degraded', 'write_errors'),
  },
  internal_history: { input: 'internal', tags: ['host', 'version'], fields: integers('unsealed_lines') },
  internal_alerts: {
    input: 'internal',
    tags: ['host', 'version'],
    fields: integers('firing', 'pending', 'refused', 'conflicts', 'failures', 'ahead'),
  },
  internal_notify: {
    input: 'internal',
    tags: ['host', 'version', 'receiver'],
    fields: integers('sent', 'failed', 'waiting', 'oldest_ms', 'failing'),
    sometimes: { fields: integers('latency_ms') },
  },
  internal_memstats: {
    input: 'internal',
    tags: ['host'],
    fields: integers(
      ...['alloc_bytes', 'sys_bytes', 'heap_alloc_bytes', 'heap_sys_bytes', 'heap_in_use_bytes', 'heap_idle_bytes'],
    ),
  },
  ...DOCKER,
};
