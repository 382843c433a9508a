import type { ProcessUse } from '../../../src/host/processes/frame.ts';
import type { Point } from '../../../src/terminal/source/point.ts';
import { TopState } from '../../../src/terminal/top/state.ts';

export const AT = new Date(2026, 0, 31, 3, 24, 10).getTime();
const GIB = 2 ** 30;

function point(measurement: string, values: Point['values'], tags: Point['tags'] = {}, at = AT): Point {
  return { measurement, tags, values, at };
}

/** Points of a host with two cores, one of two disks nearly full, and two interfaces. @param second seconds after `AT` */
export function pointsAt(second: number): readonly Point[] {
  const at = AT + second * 1000;
  const of = (measurement: string, values: Point['values'], tags: Point['tags'] = {}) =>
    point(measurement, values, tags, at);
  const cpu = (usage_idle: number) => ({ usage_idle, usage_user: 80 - usage_idle, usage_system: 18, usage_iowait: 2 });
  return [
    of('cpu', cpu(60), { cpu: 'cpu-total' }),
    of('cpu', cpu(70), { cpu: 'cpu0' }),
    of('cpu', cpu(50), { cpu: 'cpu1' }),
    of('mem', { total: 8 * GIB, used: 3 * GIB, available: 5 * GIB, free: GIB }),
    of('swap', { total: 2 * GIB, used: GIB }),
    of('system', { load1: 0.42, load5: 0.36, load15: 0.3, uptime: 273_600 }),
    of('pressure', { avg10: 1.5 }, { resource: 'io', type: 'some' }),
    of('pressure', { avg10: 0 }, { resource: 'cpu', type: 'some' }),
    of('pressure', { avg10: 0 }, { resource: 'memory', type: 'some' }),
    of('disk', { total: 100 * GIB, free: 4 * GIB, used_percent: 96 }, { path: '/var', device: 'vdb', fstype: 'ext4' }),
    of('disk', { total: 50 * GIB, free: 40 * GIB, used_percent: 20 }, { path: '/', device: 'vda', fstype: 'ext4' }),
    of(
      'disk',
      { total: 50 * GIB, free: 40 * GIB, used_percent: 20 },
      { path: '/mnt/bind', device: 'vda', fstype: 'ext4' },
    ),
    of('disk', { total: 1, free: 0, used_percent: 100 }, { path: '/snap', device: 'loop1', fstype: 'squashfs' }),
    of('diskio', { read_bytes: second * 2 ** 20, write_bytes: 0, io_util: 12 }, { name: 'vda' }),
    of('diskio', { read_bytes: 0, write_bytes: 0 }, { name: 'vda1' }),
    of('diskio', { read_bytes: 0, write_bytes: 0 }, { name: 'loop1' }),
    of('net', { bytes_recv: 1e9 + second * 2048, bytes_sent: second * 1024, drop_in: 0 }, { interface: 'eth0' }),
    of('net', { bytes_recv: 1e12, bytes_sent: 1e12, drop_in: 0 }, { interface: 'lo' }),
    of('temp', { temp: 61 }, { sensor: 'coretemp_package' }),
    of('docker_container_cpu', { usage_percent: 7.5 }, { container_name: 'postgres', cpu: 'cpu-total' }),
    of('docker_container_mem', { usage: GIB }, { container_name: 'postgres' }),
  ];
}

export function processOf(pid: number, name: string, use: Partial<ProcessUse> = {}): ProcessUse {
  return { pid, name, user: 'root', unit: `${name}.service`, cpu: 0, memory: 0, read: 0, written: 0, ...use };
}

export const PROCESSES: readonly ProcessUse[] = [
  processOf(10, 'postgres', { cpu: 1, memory: 3 * GIB }),
  processOf(20, 'gzip', { cpu: 98, read: 5 * 2 ** 20 }),
  processOf(30, 'rsync', { cpu: 12, written: 7 * 2 ** 20, user: 'backup', unit: '' }),
];

/** After two samples, a second apart. */
export function sampleState(source: Partial<TopState['source']> = {}): TopState {
  const facts = { hostname: 'db-fra1-07', intervalMs: 2000, isInteractive: true };
  const state = new TopState(facts, { origin: 'no agent', isPast: false, hasFindings: false, ...source });
  state.addSamples([0, 1].map((second) => ({ at: AT + second * 1000, points: pointsAt(second) })));
  state.frame = { at: AT, total: 312, processes: PROCESSES };
  return state;
}
