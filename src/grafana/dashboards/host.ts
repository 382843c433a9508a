import type { DashboardDefinition, Line, Section } from '../definition.ts';

import { HOST } from './host-variable.ts';
import { ALERTS_FIRING, CPU_BUSY, FULLEST_DISK } from './lines.ts';
import { PERCENT, USAGE } from './scales.ts';

const TOTAL = [{ tag: 'cpu', is: 'cpu-total' }] as const;
const BY_DISK = ['host', 'path'];
const BY_DEVICE = ['host', 'name'];
const BY_INTERFACE = ['host', 'interface'];

/** Fields of one measurement, each labelled by its name after the prefix. */
function lines(prefix: string, names: readonly string[], more: Partial<Line> = {}): readonly Line[] {
  return names.map((name) => ({ field: `${prefix}${name}`, label: name.replaceAll('_', ' '), ...more }));
}

const atAGlance: Section = {
  panels: [
    { type: 'trend', title: 'CPU', width: 8, lines: [CPU_BUSY], ...USAGE },
    { type: 'trend', title: 'Memory', width: 8, lines: [{ field: 'mem.used_percent' }], ...USAGE },
    {
      type: 'trend',
      title: 'Disk usage',
      width: 8,
      lines: [{ field: 'disk.used_percent', by: BY_DISK, reduce: 'last' }],
      ...USAGE,
    },
    { type: 'tile', title: 'CPU', width: 3, line: CPU_BUSY, ...USAGE },
    { type: 'tile', title: 'Memory', width: 3, line: { field: 'mem.used_percent' }, ...USAGE },
    { type: 'tile', title: 'Swap', width: 3, line: { field: 'swap.used_percent' }, ...PERCENT, limits: [50, 80] },
    { type: 'tile', title: 'Fullest disk', width: 3, line: FULLEST_DISK, ...USAGE },
    { type: 'tile', title: 'Load, 5 minutes', width: 3, line: { field: 'system.load5' } },
    { type: 'tile', title: 'Processes', width: 3, line: { field: 'processes.total', reduce: 'last' } },
    { type: 'tile', title: 'Uptime', width: 3, line: { field: 'system.uptime', reduce: 'last' }, unit: 'dtdurations' },
    {
      type: 'tile',
      title: 'Alerts',
      width: 3,
      line: ALERTS_FIRING,
      help: 'Firing alerts of healthd',
      unit: 'none',
      limits: [1, 3],
      noValue: '0',
    },
  ],
};

const cpu: Section = {
  title: 'CPU',
  panels: [
    {
      type: 'trend',
      title: 'CPU by mode',
      isStacked: true,
      lines: lines('cpu.usage_', ['user', 'system', 'iowait', 'nice', 'irq', 'softirq', 'steal', 'guest'], {
        where: TOTAL,
      }),
      ...PERCENT,
    },
    {
      type: 'trend',
      title: 'Load',
      lines: [
        ...lines('system.', ['load1', 'load5', 'load15']),
        { field: 'system.n_cpus', label: 'CPUs', reduce: 'last' },
      ],
      unit: 'short',
      min: 0,
    },
    {
      type: 'trend',
      title: 'Per CPU',
      width: 24,
      lines: [
        {
          field: 'cpu.usage_idle',
          by: ['host', 'cpu'],
          where: [{ tag: 'cpu', not: 'cpu-total' }],
          complement: true,
        },
      ],
      help: 'Share of time not idle, including I/O wait',
      ...PERCENT,
    },
  ],
};

const memory: Section = {
  title: 'Memory',
  panels: [
    {
      type: 'trend',
      title: 'Memory',
      lines: lines('mem.', ['used', 'available']),
      isStacked: true,
      min: 0,
    },
    { type: 'trend', title: 'Swap', lines: lines('swap.', ['used', 'total']), min: 0 },
    {
      type: 'trend',
      title: 'Swap traffic',
      lines: [
        { field: 'swap.in', label: 'in' },
        { field: 'swap.out', label: 'out', isBelow: true },
      ],
    },
    { type: 'trend', title: 'Caches', lines: lines('mem.', ['cached', 'buffered', 'dirty', 'write_back']), min: 0 },
  ],
};

const disks: Section = {
  title: 'Disks',
  panels: [
    {
      type: 'table',
      title: 'File systems',
      keys: { host: 'Host', path: 'Mounted at' },
      height: 8,
      columns: [
        { title: 'Used', line: { field: 'disk.used_percent' }, ...USAGE, look: 'gauge' },
        { title: 'Free', line: { field: 'disk.free' } },
        { title: 'Size', line: { field: 'disk.total' } },
        { title: 'Inodes', line: { field: 'disk.inodes_used_percent' }, ...USAGE, look: 'gauge' },
      ],
    },
    { type: 'trend', title: 'Free space', lines: [{ field: 'disk.free', by: BY_DISK, reduce: 'last' }], min: 0 },
    {
      type: 'trend',
      title: 'Inodes used',
      lines: [{ field: 'disk.inodes_used_percent', by: BY_DISK, reduce: 'last' }],
      ...PERCENT,
    },
    {
      type: 'trend',
      title: 'Disk traffic',
      lines: [
        { field: 'diskio.read_bytes', label: 'read', by: BY_DEVICE },
        { field: 'diskio.write_bytes', label: 'written', by: BY_DEVICE, isBelow: true },
      ],
    },
    {
      type: 'trend',
      title: 'Disk operations',
      lines: [
        { field: 'diskio.reads', label: 'reads', by: BY_DEVICE },
        { field: 'diskio.writes', label: 'writes', by: BY_DEVICE, isBelow: true },
      ],
    },
    { type: 'trend', title: 'Disk busy', lines: [{ field: 'diskio.io_util', by: BY_DEVICE }], ...PERCENT },
    {
      type: 'trend',
      title: 'Disk latency',
      lines: [{ field: 'diskio.io_await', by: BY_DEVICE }],
      min: 0,
    },
  ],
};

const network: Section = {
  title: 'Network',
  panels: [
    {
      type: 'trend',
      title: 'Traffic',
      lines: [
        { field: 'net.bytes_recv', label: 'received', by: BY_INTERFACE },
        { field: 'net.bytes_sent', label: 'sent', by: BY_INTERFACE, isBelow: true },
      ],
    },
    {
      type: 'trend',
      title: 'Packets',
      lines: [
        { field: 'net.packets_recv', label: 'received', by: BY_INTERFACE },
        { field: 'net.packets_sent', label: 'sent', by: BY_INTERFACE, isBelow: true },
      ],
    },
    {
      type: 'trend',
      title: 'Errors and drops',
      lines: lines('net.', ['err_in', 'drop_in', 'err_out', 'drop_out'], { by: BY_INTERFACE }),
      min: 0,
    },
    {
      type: 'trend',
      title: 'Sockets',
      lines: lines('netstat.', ['tcp_established', 'tcp_time_wait', 'tcp_close_wait', 'tcp_listen', 'udp_socket']),
      min: 0,
    },
  ],
};

const processes: Section = {
  title: 'Processes and kernel',
  panels: [
    {
      type: 'trend',
      title: 'Processes',
      isStacked: true,
      lines: lines('processes.', ['running', 'sleeping', 'idle', 'blocked', 'stopped', 'zombies']),
      min: 0,
    },
    { type: 'trend', title: 'Threads', lines: [{ field: 'processes.total_threads' }], min: 0 },
    {
      type: 'trend',
      title: 'Pressure',
      lines: [
        {
          field: 'pressure.avg10',
          by: ['host', 'resource'],
          where: [{ tag: 'type', is: 'some' }],
        },
      ],
      help: 'Share of time in which at least one task waited for the resource. Needs the input kernel with psi.',
      min: 0,
    },
    {
      type: 'trend',
      title: 'Temperature',
      lines: [{ field: 'temp.temp', by: ['host', 'sensor'] }],
    },
    {
      type: 'trend',
      title: 'Context switches and interrupts',
      lines: lines('kernel.', ['context_switches', 'interrupts']),
      min: 0,
    },
    { type: 'trend', title: 'New processes', lines: [{ field: 'kernel.processes_forked' }], min: 0 },
  ],
};

export const host: DashboardDefinition = {
  name: 'host',
  title: 'Host detail',
  description: 'All metrics of a host',
  variables: [
    { ...HOST, first: 'one' },
    {
      name: 'interface',
      label: 'Interface',
      tag: 'interface',
      from: 'net.bytes_recv',
      where: [{ tag: 'interface', not: 'all' }],
    },
    { name: 'path', label: 'File system', tag: 'path', from: 'disk.used_percent' },
    { name: 'disk', label: 'Disk', tag: 'name', from: 'diskio.read_bytes' },
  ],
  sections: [atAGlance, cpu, memory, disks, network, processes],
};
