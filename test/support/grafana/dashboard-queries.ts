/** Queries of Telegraf dashboards on InfluxDB 1, rewritten by us; each must return rows. */
import type { Ability } from '../golden/measurement-schema.ts';

export interface DashboardQuery {
  readonly panel: string;
  readonly needs?: Ability;
  readonly query: string;
}

const RECENT = `"host" = 'watched-host' AND time > now() - 5m`;

/** A gauge, as a mean per ten seconds. */
function mean(measurement: string, fields: readonly string[], tags = '', where = ''): string {
  const columns = fields.map((field) => `mean("${field}")`).join(', ');
  return `SELECT ${columns} FROM "${measurement}" WHERE ${where}${RECENT} GROUP BY time(10s), "host"${tags} fill(none)`;
}

/** A counter, as a rate per second. */
function growth(measurement: string, fields: readonly string[], tags = '', where = ''): string {
  const columns = fields.map((field) => `non_negative_derivative(last("${field}"), 1s)`).join(', ');
  return `SELECT ${columns} FROM "${measurement}" WHERE ${where}${RECENT} GROUP BY time(1s), "host"${tags} fill(none)`;
}

/** The latest value, for a single-stat panel. */
function last(measurement: string, fields: readonly string[]): string {
  return `SELECT ${fields.map((field) => `last("${field}")`).join(', ')} FROM "${measurement}" WHERE ${RECENT}`;
}

export const DASHBOARD_QUERIES: readonly DashboardQuery[] = [
  { panel: 'the list of hosts', query: 'SHOW TAG VALUES FROM "system" WITH KEY = "host"' },
  { panel: 'the list of CPUs', query: `SHOW TAG VALUES FROM "cpu" WITH KEY = "cpu" WHERE "host" =~ /watched/` },
  {
    panel: 'the list of mount points',
    needs: 'file systems',
    query: `SHOW TAG VALUES FROM "disk" WITH KEY = "path" WHERE "host" =~ /watched/`,
  },
  {
    panel: 'the list of disks',
    needs: 'block devices',
    query: `SHOW TAG VALUES FROM "diskio" WITH KEY = "name" WHERE "host" =~ /watched/`,
  },
  {
    panel: 'the list of interfaces',
    needs: 'network interfaces',
    query: `SHOW TAG VALUES FROM "net" WITH KEY = "interface" WHERE "host" =~ /watched/ AND "interface" != 'all'`,
  },
  {
    panel: 'CPU usage by kind',
    query: mean(
      'cpu',
      ['user', 'system', 'iowait', 'steal', 'softirq', 'irq', 'nice', 'idle', 'guest'].map((kind) => `usage_${kind}`),
      '',
      `"cpu" = 'cpu-total' AND `,
    ),
  },
  {
    panel: 'CPU usage of each CPU',
    query: `SELECT 100 - mean("usage_idle") FROM "cpu" WHERE "cpu" =~ /cpu[0-9]+/ AND ${RECENT} GROUP BY time(10s), "cpu" fill(none)`,
  },
  { panel: 'load', query: mean('system', ['load1', 'load5', 'load15']) },
  { panel: 'load for each CPU', query: `SELECT mean("load1") / last("n_cpus") FROM "system" WHERE ${RECENT}` },
  { panel: 'uptime', query: last('system', ['uptime', 'uptime_format']) },
  { panel: 'users', needs: 'login records', query: last('system', ['n_users']) },
  { panel: 'memory', query: mean('mem', ['total', 'used', 'cached', 'buffered', 'free', 'available']) },
  { panel: 'memory in percent', query: mean('mem', ['used_percent', 'available_percent']) },
  { panel: 'swap', query: mean('swap', ['total', 'used', 'free', 'used_percent']) },
  { panel: 'swap traffic', query: growth('swap', ['in', 'out']) },
  {
    panel: 'disk space in percent',
    needs: 'file systems',
    query: mean('disk', ['used_percent', 'inodes_used_percent'], ', "path", "fstype"', '"path" =~ /^\\// AND '),
  },
  {
    panel: 'disk space',
    needs: 'file systems',
    query: mean('disk', ['total', 'used', 'free', 'inodes_total', 'inodes_free', 'inodes_used'], ', "device", "mode"'),
  },
  {
    panel: 'disk operations and bytes',
    needs: 'block devices',
    query: growth('diskio', ['reads', 'writes', 'read_bytes', 'write_bytes'], ', "name"'),
  },
  {
    panel: 'disk times',
    needs: 'block devices',
    query: growth('diskio', ['read_time', 'write_time', 'io_time', 'weighted_io_time'], ', "name"'),
  },
  { panel: 'disk queue', needs: 'block devices', query: mean('diskio', ['iops_in_progress', 'io_util'], ', "name"') },
  {
    panel: 'network bytes',
    needs: 'network interfaces',
    query: growth('net', ['bytes_recv', 'bytes_sent'], ', "interface"', `"interface" != 'all' AND `),
  },
  {
    panel: 'network packets, errors and drops',
    needs: 'network interfaces',
    query: growth('net', ['packets_recv', 'packets_sent', 'err_in', 'err_out', 'drop_in', 'drop_out'], ', "interface"'),
  },
  {
    panel: 'TCP and UDP, from the aggregated interface',
    query: growth(
      'net',
      ['tcp_activeopens', 'tcp_passiveopens', 'tcp_estabresets', 'tcp_outrsts', 'udp_indatagrams', 'udp_outdatagrams'],
      '',
      `"interface" = 'all' AND `,
    ),
  },
  {
    panel: 'TCP states',
    query: mean('netstat', ['tcp_established', 'tcp_time_wait', 'tcp_close_wait', 'tcp_listen', 'udp_socket']),
  },
  {
    panel: 'processes',
    query: mean('processes', ['running', 'sleeping', 'blocked', 'zombies', 'stopped', 'total', 'total_threads']),
  },
  {
    panel: 'context switches, interrupts, forks',
    query: growth('kernel', ['context_switches', 'interrupts', 'processes_forked']),
  },
  { panel: 'entropy and boot time', query: last('kernel', ['entropy_avail', 'boot_time']) },
  {
    panel: 'time lost',
    needs: 'pressure figures',
    query: mean('pressure', ['avg10', 'avg60'], ', "resource", "type"'),
  },
  { panel: 'temperatures', needs: 'temperature sensors', query: mean('temp', ['temp'], ', "sensor"') },
  { panel: 'metrics of the agent', query: growth('internal_agent', ['metrics_gathered', 'metrics_written']) },
  { panel: 'errors of the agent', query: last('internal_agent', ['gather_errors', 'metrics_dropped', 'write_errors']) },
  { panel: 'time of inputs', query: mean('internal_gather', ['gather_time_ns'], ', "input"') },
  {
    panel: 'buffers and time of outputs',
    query: mean('internal_write', ['buffer_size', 'write_time_ns'], ', "output"'),
  },
];
