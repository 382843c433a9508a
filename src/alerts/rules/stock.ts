/**
 * The stock rules, in the form that the schema makes of users' rules, so that a start without own rules needs no rule schema.
 * Principles: page only for what needs a person; symptoms before causes; two independent conditions for disks; hysteresis in
 * every rule; noisy rules go to the history only.
 */
import type { RuleConfig } from './schema.ts';
import { FLEET_RULES } from './stock-fleet.ts';

export type Profile = 'minimal' | 'standard' | 'off';

type StockRule = RuleConfig & { readonly id: string };

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Excludes file systems that are full by design or remote. */
const REAL_DISKS = [
  '!tmpfs',
  '!devtmpfs',
  '!overlay',
  '!squashfs',
  '!iso9660',
  '!nfs*',
  '!cifs',
  '!smb*',
  '!fuse*',
  '!autofs',
];

/** Bind mounts, subvolumes and data sets share their space: one alert that lists the mounts. */
const ONE_PER_DEVICE = { group_by: ['pool|device'] } satisfies Partial<RuleConfig>;

/**
 * File systems that are read-only from the start may be full. One that turns read-only while the alert fires is no better:
 * the condition holds the alert, since `clear` is never reached.
 */
const FIRES_IF_WRITABLE = {
  metric: 'disk.read_only',
  below: { at: 1, clear: 2 },
} satisfies RuleConfig['and'];

/** Urgent rules, which are also in the profile `minimal`. */
const VITAL: readonly StockRule[] = [
  {
    id: 'mem_low',
    summary: 'Only {{ value }} of memory available on {{ host }}',
    metric: 'mem.available_percent',
    group_by: [],
    below: { warning: { at: 10, clear: 15 }, critical: { at: 5, clear: 8 } },
    for: 5 * MINUTE,
    keep_firing_for: 5 * MINUTE,
    context: ['top_memory', 'top_cpu', 'containers'],
  },
  {
    id: 'disk_space',
    summary: 'Disk {{ tags.path }} on {{ host }} is {{ value }} full',
    metric: 'disk.used_percent',
    where: { fstype: REAL_DISKS },
    ...ONE_PER_DEVICE,
    across: 'max',
    above: { warning: { at: 85, clear: 80 }, critical: { at: 95, clear: 90 } },
    and: [FIRES_IF_WRITABLE, { metric: 'disk.free', below: { warning: '20GiB', critical: '5GiB' } }],
    for: 2 * MINUTE,
    keep_firing_for: 5 * MINUTE,
  },
  {
    id: 'disk_inodes',
    summary: 'Disk {{ tags.path }} on {{ host }} has used {{ value }} of its inodes',
    metric: 'disk.inodes_used_percent',
    where: { fstype: REAL_DISKS },
    ...ONE_PER_DEVICE,
    across: 'max',
    above: { warning: { at: 85, clear: 80 }, critical: { at: 95, clear: 90 } },
    // File systems without a fixed number of inodes report a total of 0.
    and: [FIRES_IF_WRITABLE, { metric: 'disk.inodes_total', above: 0 }],
    for: 5 * MINUTE,
    keep_firing_for: 10 * MINUTE,
  },
  {
    id: 'disk_fill',
    summary: 'Disk {{ tags.path }} on {{ host }} is filling up: {{ value }} free',
    metric: 'disk.free',
    where: { fstype: REAL_DISKS },
    ...ONE_PER_DEVICE,
    across: 'min',
    predict: { window: 6 * HOUR, reaches: 0, within: { warning: 24 * HOUR, critical: 4 * HOUR }, coverage: 0.6 },
    and: [FIRES_IF_WRITABLE, { metric: 'disk.used_percent', above: { warning: 70, critical: 80 } }],
    for: 30 * MINUTE,
    keep_firing_for: 30 * MINUTE,
  },
  {
    id: 'disk_readonly',
    summary: 'Disk {{ tags.path }} on {{ host }} has turned read-only',
    description: 'The kernel does this after errors of {{ tags.device }}: see "dmesg", and check disk and file system.',
    metric: 'disk.read_only',
    where: { fstype: REAL_DISKS },
    group_by: ['device'],
    across: 'min',
    equals: { critical: true },
    after_change: true,
  },
  {
    id: 'docker_down',
    summary: 'Container {{ tags.container_name }} on {{ host }} has failed',
    metric: 'docker_container_status.failed',
    group_by: ['container_name'],
    equals: { warning: true },
    after_change: true,
    // The exit is reported once, so `for` would never fire. A container that restarts within group_wait is not notified.
    series_gone: { after: DAY, do: 'resolve' },
    context: ['source'],
  },
  {
    // Routing knows this id: the failing receiver itself is left out.
    id: 'notify_failing',
    summary: 'Notifications from {{ host }} to {{ tags.receiver }} are failing',
    description: 'The log of healthd has the reason; "healthd notify test {{ tags.receiver }}" sends a test.',
    metric: 'internal_notify.failing',
    group_by: ['receiver'],
    equals: { critical: 1 },
    context: [],
  },
];

const FURTHER: readonly StockRule[] = [
  {
    id: 'cpu_high',
    summary: 'High CPU usage on {{ host }}: {{ value }}',
    metric: 'cpu.usage_idle',
    where: { cpu: 'cpu-total' },
    calc: '100 - value',
    group_by: [],
    window: { of: 5 * MINUTE, fn: 'mean', coverage: 0.8 },
    above: { warning: { at: 90, clear: 80 }, critical: { at: 97, clear: 90, for: 15 * MINUTE } },
    for: 5 * MINUTE,
    keep_firing_for: 5 * MINUTE,
    context: ['top_cpu', 'top_memory', 'containers'],
  },
  {
    id: 'cpu_iowait',
    summary: 'High I/O wait on {{ host }}: {{ value }}',
    metric: 'cpu.usage_iowait',
    where: { cpu: 'cpu-total' },
    group_by: [],
    window: { of: 10 * MINUTE, fn: 'mean', coverage: 0.8 },
    above: { info: { at: 40, clear: 20 } },
    for: 5 * MINUTE,
    keep_firing_for: 5 * MINUTE,
    notify: false,
  },
  {
    id: 'cpu_steal',
    summary: 'High CPU steal on {{ host }}: {{ value }}',
    metric: 'cpu.usage_steal',
    where: { cpu: 'cpu-total' },
    group_by: [],
    window: { of: 20 * MINUTE, fn: 'mean', coverage: 0.8 },
    above: { warning: { at: 10, clear: 5 }, critical: { at: 25, clear: 15 } },
    for: 5 * MINUTE,
    keep_firing_for: 10 * MINUTE,
  },
  {
    id: 'load_high',
    summary: 'High load on {{ host }}: {{ value | round(1) }} per CPU',
    metric: 'system.load5',
    calc: 'value / n_cpus',
    unit: '',
    group_by: [],
    above: { info: { at: 2, clear: 1.5 } },
    and: { metric: 'system.n_cpus', above: 1 },
    for: 10 * MINUTE,
    keep_firing_for: 5 * MINUTE,
    notify: false,
  },
  {
    id: 'mem_pressure',
    summary: 'Memory pressure on {{ host }}: all tasks stalled {{ value }} of the time',
    metric: 'pressure.avg60',
    where: { resource: 'memory', type: 'full' },
    group_by: [],
    above: { warning: { at: 10, clear: 5 }, critical: { at: 30, clear: 15 } },
    for: 5 * MINUTE,
    keep_firing_for: 5 * MINUTE,
    context: ['top_memory', 'containers'],
  },
  {
    id: 'swap_used',
    summary: '{{ value }} of swap in use on {{ host }}',
    metric: 'swap.used_percent',
    group_by: [],
    above: { info: { at: 80, clear: 70 } },
    and: { metric: 'swap.total', above: 0 },
    for: 10 * MINUTE,
    keep_firing_for: 10 * MINUTE,
    notify: false,
  },
  {
    id: 'swap_io',
    summary: '{{ host }} swaps out {{ value }}',
    metric: 'swap.out',
    unit: 'bytes/s',
    group_by: [],
    window: { of: 5 * MINUTE, fn: 'rate', coverage: 0.8 },
    above: { warning: { at: '1MiB', clear: '200KiB' }, critical: { at: '20MiB', clear: '5MiB' } },
    for: 10 * MINUTE,
    keep_firing_for: 10 * MINUTE,
    context: ['top_memory'],
  },
  {
    id: 'disk_latency',
    summary: 'High latency of disk {{ tags.name }} on {{ host }}: {{ value }} per operation',
    metric: 'diskio.io_await',
    group_by: ['name'],
    window: { of: 5 * MINUTE, fn: 'mean', coverage: 0.8 },
    above: { warning: { at: 100, clear: 50 }, critical: { at: 500, clear: 250 } },
    for: 10 * MINUTE,
    keep_firing_for: 10 * MINUTE,
  },
  {
    id: 'net_errors',
    summary: 'Interface {{ tags.interface }} on {{ host }} had {{ value | round }} receive errors in 10 minutes',
    metric: 'net.err_in',
    where: { interface: ['!all', '!lo', '!veth*', '!docker*', '!br-*'] },
    group_by: ['interface'],
    window: { of: 10 * MINUTE, fn: 'increase', coverage: 0.8 },
    above: { warning: { at: 50, clear: 10 }, critical: { at: 5000, clear: 1000 } },
    for: 5 * MINUTE,
    keep_firing_for: 15 * MINUTE,
  },
  {
    id: 'temp_high',
    summary: 'Sensor {{ tags.sensor }} on {{ host }} reads {{ value }}',
    metric: 'temp.temp',
    where: { sensor: ['*core*', '*cpu*', '*package*', 'k10temp*'] },
    group_by: ['sensor'],
    above: { warning: { at: 85, clear: 78 }, critical: { at: 95, clear: 88 } },
    // No processor survives 150 °C: a higher reading is a sensor fault.
    and: { metric: 'temp.temp', below: 150 },
    for: 5 * MINUTE,
    keep_firing_for: 5 * MINUTE,
    context: ['top_cpu'],
  },
  {
    id: 'docker_unhealthy',
    summary: 'Container {{ tags.container_name }} on {{ host }} is unhealthy',
    metric: 'docker_container_health.health_status',
    group_by: ['container_name'],
    equals: { warning: 'unhealthy' },
    for: MINUTE,
    keep_firing_for: MINUTE,
    context: ['source'],
  },
  {
    id: 'docker_restarting',
    summary: 'Container {{ tags.container_name }} on {{ host }} restarted {{ value | round }} times in 10 minutes',
    metric: 'docker_container_status.restart_count',
    group_by: ['container_name'],
    window: { of: 10 * MINUTE, fn: 'increase', coverage: 0 },
    unit: 'restarts',
    above: { warning: { at: 2, clear: 0 }, critical: { at: 5, clear: 2 } },
    keep_firing_for: 10 * MINUTE,
    context: ['source'],
  },
  {
    id: 'docker_mem',
    summary: 'Container {{ tags.container_name }} on {{ host }} uses {{ value }} of its memory limit',
    metric: 'docker_container_mem.usage_percent',
    group_by: ['container_name'],
    above: { warning: { at: 90, clear: 80 }, critical: { at: 97, clear: 92 } },
    for: 5 * MINUTE,
    keep_firing_for: 5 * MINUTE,
    context: ['source', 'containers'],
  },
  {
    id: 'input_failing',
    summary: 'The input {{ tags.alias }} on {{ host }} is failing: {{ value | round }} errors in 5 minutes',
    metric: 'internal_gather.gather_errors',
    group_by: ['alias'],
    window: { of: 5 * MINUTE, fn: 'increase', coverage: 0.8 },
    above: { warning: { at: 3, clear: 0 } },
    for: 5 * MINUTE,
    keep_firing_for: 5 * MINUTE,
  },
  {
    id: 'series_refused',
    summary: 'A rule on {{ host }} matches too many series, and some are not evaluated',
    description: 'The log of healthd names the rule; narrow its "where", or use fewer tags in "group_by".',
    metric: 'internal_alerts.refused',
    group_by: [],
    window: { of: 10 * MINUTE, fn: 'increase', coverage: 0 },
    above: { warning: { at: 0, clear: 0 } },
  },
];

export function stockRules(profile: Profile): readonly RuleConfig[] {
  if (profile === 'off') return [];
  const [down, lost] = FLEET_RULES;
  return profile === 'minimal' ? [...VITAL, down, lost] : [...VITAL, ...FURTHER, ...FLEET_RULES];
}
