/**
 * The rules that healthd brings along, in the form in which users write theirs. Principles: a page only for what needs a
 * person; symptoms before causes; for disks two independent conditions; every rule with hysteresis; what is noisy goes
 * into the history only.
 */
import { ruleSchema, type RuleConfig, type WrittenRule } from './schema.ts';

export type Profile = 'minimal' | 'standard' | 'off';

type StockRule = WrittenRule & { readonly id: string };

/** File systems that are full by design, or somebody else's. */
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

/** What cannot wait, also in the profile `minimal`. */
const VITAL: readonly StockRule[] = [
  {
    id: 'mem_low',
    summary: 'Only {{ value }} of the memory of {{ host }} is available',
    metric: 'mem.available_percent',
    group_by: [],
    below: { warning: { at: 10, clear: 15 }, critical: { at: 5, clear: 8 } },
    for: '5m',
    keep_firing_for: '5m',
    context: ['top_memory', 'top_cpu', 'containers'],
  },
  {
    id: 'disk_space',
    summary: 'Disk {{ tags.path }} of {{ host }} is {{ value }} full',
    metric: 'disk.used_percent',
    where: { fstype: REAL_DISKS, mode: ['!ro'] },
    group_by: ['path'],
    above: { warning: { at: 85, clear: 80 }, critical: { at: 95, clear: 90 } },
    and: { metric: 'disk.free', below: { warning: '20GiB', critical: '5GiB' } },
    for: '2m',
    keep_firing_for: '5m',
  },
  {
    id: 'disk_inodes',
    summary: 'Disk {{ tags.path }} of {{ host }} has used {{ value }} of its inodes',
    metric: 'disk.inodes_used_percent',
    where: { fstype: REAL_DISKS, mode: ['!ro'] },
    group_by: ['path'],
    above: { warning: { at: 85, clear: 80 }, critical: { at: 95, clear: 90 } },
    // File systems without a fixed number of inodes report none at all.
    and: { metric: 'disk.inodes_total', above: 0 },
    for: '5m',
    keep_firing_for: '10m',
  },
  {
    id: 'disk_fill',
    summary: 'Disk {{ tags.path }} of {{ host }} is filling up: {{ value }} free',
    metric: 'disk.free',
    where: { fstype: REAL_DISKS, mode: ['!ro'] },
    group_by: ['path'],
    predict: { window: '6h', reaches: 0, within: { warning: '24h', critical: '4h' } },
    and: { metric: 'disk.used_percent', above: { warning: 70, critical: 80 } },
    for: '30m',
    keep_firing_for: '30m',
  },
  {
    id: 'docker_down',
    summary: 'Container {{ tags.container_name }} on {{ host }} has failed',
    metric: 'docker_container_status.pid',
    group_by: ['container_name'],
    equals: { warning: 0 },
    after_change: true,
    and: { metric: 'docker_container_status.exitcode', above: 0 },
    // Its death is reported once, so there is nothing to wait for; one that is up again within group_wait is not told.
    series_gone: { after: '1d' },
    context: ['containers'],
  },
  {
    // Its name is known to those who decide who is told: not the receiver that fails.
    id: 'notify_failing',
    summary: 'Notifications of {{ host }} to {{ tags.receiver }} do not arrive',
    description: 'The log of healthd says why, and "healthd notify test {{ tags.receiver }}" tries it.',
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
    window: { of: '5m', fn: 'mean' },
    above: { warning: { at: 90, clear: 80 }, critical: { at: 97, clear: 90, for: '15m' } },
    for: '5m',
    keep_firing_for: '5m',
    context: ['top_cpu', 'top_memory', 'containers'],
  },
  {
    id: 'cpu_iowait',
    summary: 'The CPU of {{ host }} waits for disks: {{ value }}',
    metric: 'cpu.usage_iowait',
    where: { cpu: 'cpu-total' },
    group_by: [],
    window: { of: '10m', fn: 'mean' },
    above: { info: { at: 40, clear: 20 } },
    for: '5m',
    keep_firing_for: '5m',
    notify: false,
  },
  {
    id: 'cpu_steal',
    summary: 'The machine of {{ host }} gives its CPU to others: {{ value }}',
    metric: 'cpu.usage_steal',
    where: { cpu: 'cpu-total' },
    group_by: [],
    window: { of: '20m', fn: 'mean' },
    above: { warning: { at: 10, clear: 5 }, critical: { at: 25, clear: 15 } },
    for: '5m',
    keep_firing_for: '10m',
  },
  {
    id: 'load_high',
    summary: 'The load of {{ host }} is {{ value | round(1) }} for each CPU',
    metric: 'system.load5',
    calc: 'value / n_cpus',
    unit: '',
    group_by: [],
    above: { info: { at: 2, clear: 1.5 } },
    and: { metric: 'system.n_cpus', above: 1 },
    for: '10m',
    keep_firing_for: '5m',
    notify: false,
  },
  {
    id: 'mem_pressure',
    summary: 'Everything on {{ host }} waits for memory {{ value }} of the time',
    metric: 'pressure.avg60',
    where: { resource: 'memory', type: 'full' },
    group_by: [],
    above: { warning: { at: 10, clear: 5 }, critical: { at: 30, clear: 15 } },
    for: '5m',
    keep_firing_for: '5m',
    context: ['top_memory', 'containers'],
  },
  {
    id: 'swap_used',
    summary: '{{ value }} of the swap of {{ host }} is in use',
    metric: 'swap.used_percent',
    group_by: [],
    above: { info: { at: 80, clear: 70 } },
    and: { metric: 'swap.total', above: 0 },
    for: '10m',
    keep_firing_for: '10m',
    notify: false,
  },
  {
    id: 'swap_io',
    summary: '{{ host }} writes {{ value }} to swap',
    metric: 'swap.out',
    unit: 'bytes/s',
    group_by: [],
    window: { of: '5m', fn: 'rate' },
    above: { warning: { at: '1MiB', clear: '200KiB' }, critical: { at: '20MiB', clear: '5MiB' } },
    for: '10m',
    keep_firing_for: '10m',
    context: ['top_memory'],
  },
  {
    id: 'disk_latency',
    summary: 'An operation of disk {{ tags.name }} on {{ host }} takes {{ value }}',
    metric: 'diskio.io_await',
    group_by: ['name'],
    window: { of: '5m', fn: 'mean' },
    above: { warning: { at: 100, clear: 50 }, critical: { at: 500, clear: 250 } },
    for: '10m',
    keep_firing_for: '10m',
  },
  {
    id: 'net_errors',
    summary: 'Interface {{ tags.interface }} of {{ host }} had {{ value | round }} receive errors in 10 minutes',
    metric: 'net.err_in',
    where: { interface: ['!all', '!lo', '!veth*', '!docker*', '!br-*'] },
    group_by: ['interface'],
    window: { of: '10m', fn: 'increase' },
    above: { warning: { at: 50, clear: 10 }, critical: { at: 5000, clear: 1000 } },
    for: '5m',
    keep_firing_for: '15m',
  },
  {
    id: 'temp_high',
    summary: 'Sensor {{ tags.sensor }} of {{ host }} reads {{ value }}',
    metric: 'temp.temp',
    where: { sensor: ['*core*', '*cpu*', '*package*', 'k10temp*'] },
    group_by: ['sensor'],
    above: { warning: { at: 85, clear: 78 }, critical: { at: 95, clear: 88 } },
    // What no processor survives is a sensor that lies.
    and: { metric: 'temp.temp', below: 150 },
    for: '5m',
    keep_firing_for: '5m',
    context: ['top_cpu'],
  },
  {
    id: 'docker_unhealthy',
    summary: 'Container {{ tags.container_name }} on {{ host }} is unhealthy',
    metric: 'docker_container_health.health_status',
    group_by: ['container_name'],
    equals: { warning: 'unhealthy' },
    for: '1m',
    keep_firing_for: '1m',
    context: ['containers'],
  },
  {
    id: 'docker_restarting',
    summary: 'Container {{ tags.container_name }} on {{ host }} was restarted {{ value | round }} times in 10 minutes',
    metric: 'docker_container_status.restart_count',
    group_by: ['container_name'],
    window: { of: '10m', fn: 'increase', coverage: 0 },
    unit: 'restarts',
    above: { warning: { at: 2, clear: 0 }, critical: { at: 5, clear: 2 } },
    keep_firing_for: '10m',
  },
  {
    id: 'docker_mem',
    summary: 'Container {{ tags.container_name }} on {{ host }} uses {{ value }} of the memory it may have',
    metric: 'docker_container_mem.usage_percent',
    group_by: ['container_name'],
    above: { warning: { at: 90, clear: 80 }, critical: { at: 97, clear: 92 } },
    for: '5m',
    keep_firing_for: '5m',
    context: ['containers'],
  },
  {
    id: 'input_failing',
    summary: 'The input {{ tags.alias }} of healthd on {{ host }} fails: {{ value | round }} errors in 5 minutes',
    metric: 'internal_gather.gather_errors',
    group_by: ['alias'],
    window: { of: '5m', fn: 'increase' },
    above: { warning: { at: 3, clear: 0 } },
    for: '5m',
    keep_firing_for: '5m',
  },
  {
    id: 'series_refused',
    summary: 'A rule on {{ host }} is about too many series, of which some are not judged',
    description: 'The log of healthd names the rule; a narrower "where" or fewer tags in "group_by" make it fewer.',
    metric: 'internal_alerts.refused',
    group_by: [],
    window: { of: '10m', fn: 'increase', coverage: 0 },
    above: { warning: { at: 0, clear: 0 } },
  },
];

let parsed: readonly RuleConfig[] | undefined;

export function stockRules(profile: Profile): readonly RuleConfig[] {
  if (profile === 'off') return [];
  parsed ??= [...VITAL, ...FURTHER].map((rule) => ruleSchema.parse(rule));
  return profile === 'minimal' ? parsed.slice(0, VITAL.length) : parsed;
}
