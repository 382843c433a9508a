/** The charts of a host, made of the series that it has. */
import { computed } from '@preact/signals';

import { namesIn, sets, setsOf } from '../store/catalog.ts';
import { difference, gauge, rate } from '../store/formula.ts';
import { host } from '../store/live.ts';
import { seriesName } from '../store/series-name.ts';

import type { ChartLine, ChartSpec, SeriesColor } from './model.ts';

export const MOST_LINES = 5;

const TOTAL = { cpu: 'cpu-total' };

/** Idle and waiting aside, what processors do: user with nice and guests, and the kernel with its interrupts. */
const CPU: ChartSpec = {
  id: 'cpu',
  title: 'CPU',
  unit: 'percent',
  scale: { kind: 'fixed', min: 0, max: 100 },
  usual: { name: seriesName('cpu', 'usage_idle', TOTAL), from: 100 },
  lines: [
    {
      label: 'user',
      color: 1,
      style: 'stack',
      formula: gauge(seriesName('cpu', 'usage_user', TOTAL), seriesName('cpu', 'usage_nice', TOTAL)),
    },
    {
      label: 'system',
      short: 'sys',
      color: 2,
      style: 'stack',
      formula: gauge(
        ...['usage_system', 'usage_irq', 'usage_softirq', 'usage_steal'].map((field) =>
          seriesName('cpu', field, TOTAL),
        ),
      ),
    },
    {
      label: 'wait for disks',
      short: 'wait',
      color: 3,
      style: 'stack',
      formula: gauge(seriesName('cpu', 'usage_iowait', TOTAL)),
    },
  ],
};

const memory = computed((): ChartSpec => {
  const total = host.value?.memoryBytes ?? 0;
  return {
    id: 'mem',
    title: 'Memory',
    unit: 'bytes',
    scale: total > 0 ? { kind: 'fixed', min: 0, max: total } : { kind: 'nice', least: 1 },
    usual: { name: 'mem.used' },
    lines: [
      { label: 'used', color: 1, style: 'stack', formula: gauge('mem.used') },
      { label: 'cache', color: 5, style: 'stack', formula: difference('mem.total', 'mem.used', 'mem.free') },
    ],
  };
});

/** What a host sends to itself, or what bridges and containers pass on, would be counted twice. */
const VIRTUAL_INTERFACE =
  /^(lo\d*|veth|docker|br-|virbr|cni|flannel|cali|vxlan|tun|tap|dummy|ifb|kube|nodelocaldns|podman)/;

const interfaces = computed(() => {
  const all = setsOf('net').flatMap(({ tags }) => tags['interface'] ?? []);
  const physical = all.filter((name) => name !== 'all' && !VIRTUAL_INTERFACE.test(name));
  return new Set(physical.length > 0 ? physical : all);
});

function netNames(field: string): readonly string[] {
  return namesIn('net', field, (tags) => interfaces.value.has(tags['interface'] ?? ''));
}

const network = computed((): ChartSpec => ({
  id: 'net',
  title: 'Network',
  unit: 'bytes/s',
  scale: { kind: 'nice', least: 1024 },
  ...usualOf(netNames('bytes_sent')),
  lines: [
    { label: '↑ sent', short: 'sent', color: 1, style: 'area', formula: rate(...netNames('bytes_sent')) },
    { label: '↓ received', short: 'received', color: 2, style: 'mirror', formula: rate(...netNames('bytes_recv')) },
  ],
}));

/** Devices that lie on others. */
const STACKED_DEVICE = /^(loop|ram|zram|dm-|md|sr|fd|nbd)\d*/;

/** Whole disks: a partition begins with the name of one. */
export const disks = computed<readonly string[]>(() => {
  const all = [...new Set(setsOf('diskio').flatMap(({ tags }) => tags['name'] ?? []))];
  const real = all.filter((name) => !STACKED_DEVICE.test(name));
  const whole = real.filter((name) => !real.some((disk) => isPartition(name, disk)));
  return whole.length > 0 ? whole : all;
});

function isPartition(name: string, disk: string): boolean {
  return name !== disk && name.startsWith(disk) && /^p?\d+$/.test(name.slice(disk.length));
}

export function diskNames(field: string, wanted: readonly string[]): readonly string[] {
  return namesIn('diskio', field, (tags) => wanted.includes(tags['name'] ?? ''));
}

const throughput = computed((): ChartSpec => throughputOf(disks.value, 'disk', 'Disk throughput'));

export function throughputOf(names: readonly string[], id: string, title: string): ChartSpec {
  return {
    id,
    title,
    unit: 'bytes/s',
    scale: { kind: 'nice', least: 1024 },
    ...usualOf(diskNames('read_bytes', names)),
    lines: [
      { label: 'read', color: 1, style: 'area', formula: rate(...diskNames('read_bytes', names)) },
      { label: 'written', color: 2, style: 'area', formula: rate(...diskNames('write_bytes', names)) },
    ],
  };
}

const PRESSURE = [
  { resource: 'io', label: 'for disks', short: 'disks', color: 3 },
  { resource: 'memory', label: 'memory', short: 'memory', color: 2 },
  { resource: 'cpu', label: 'CPU', short: 'CPU', color: 1 },
] as const;

const pressure: ChartSpec = {
  id: 'pressure',
  title: 'Stalled tasks',
  unit: 'percent',
  scale: { kind: 'nice', least: 10, most: 100 },
  lines: PRESSURE.map(({ resource, ...rest }) => ({
    ...rest,
    style: 'line',
    formula: gauge(seriesName('pressure', 'avg10', { resource, type: 'some' })),
  })),
};

const temperature = computed((): ChartSpec => {
  const sensors = setsOf('temp');
  const shown = sensors.slice(0, sensors.length > 3 ? 2 : 3);
  return {
    id: 'temp',
    title: 'Temperature',
    unit: 'celsius',
    scale: { kind: 'fixed', min: 30, max: 90 },
    lines: shown.map(({ tags }, index): ChartLine => ({
      label: tags['sensor'] ?? 'sensor',
      color: colorAt(index),
      style: 'line',
      formula: gauge(seriesName('temp', 'temp', tags)),
    })),
    ...(sensors.length > shown.length && { more: sensors.length - shown.length }),
  };
});

function usualOf(names: readonly string[]): Pick<ChartSpec, 'usual'> {
  const [name, ...others] = names;
  return name === undefined || others.length > 0 ? {} : { usual: { name } };
}

export function colorAt(index: number): SeriesColor {
  return ((index % MOST_LINES) + 1) as SeriesColor;
}

/** Charts of the Overview, in order. */
export const overviewCharts = computed<readonly ChartSpec[]>(() => [
  CPU,
  memory.value,
  network.value,
  throughput.value,
  pressure,
  temperature.value,
]);

export function hasSeries({ lines }: ChartSpec): boolean {
  const known = new Set((sets.value ?? []).map(({ measurement }) => measurement));
  return lines.some(({ formula }) => formula.terms.some(({ name }) => known.has(name.split('.')[0] ?? '')));
}
