/** Points → the host as boxes show it. */
import type { Point, Sample } from './point.ts';
import type { Rates } from './rates.ts';
import type {
  Container,
  CpuUse,
  Device,
  FileSystem,
  HostView,
  Interface,
  MemoryUse,
  Pressure,
  SwapUse,
  Temperature,
} from './view.ts';

/** File systems that are always full, or in memory. */
const NO_DISKS: ReadonlySet<string> = new Set(['squashfs', 'iso9660', 'udf', 'tmpfs', 'devtmpfs', 'overlay', 'erofs']);

const LOOPBACK = /^lo\d*$/;
/** Devices without a disk of their own. */
const VIRTUAL_DEVICE = /^(?:loop|ram|zram|sr|fd)\d+$/;

type ByMeasurement = (measurement: string) => readonly Point[];

/** @param rates remembers the counters of the samples before */
export function viewOf({ at, points }: Sample, rates: Rates): HostView {
  const all: ByMeasurement = (measurement) => points.filter((point) => point.measurement === measurement);
  const [system] = all('system');
  return {
    at,
    cpu: cpuOf(all('cpu')),
    cores: coresOf(all('cpu')),
    memory: memoryOf(all('mem')[0]),
    swap: swapOf(all('swap')),
    load: loadOf(system),
    uptime: system?.values['uptime'],
    pressure: pressureOf(all('pressure')),
    fileSystems: fileSystemsOf(all('disk')),
    devices: devicesOf(all('diskio'), rates),
    interfaces: interfacesOf(all('net'), rates),
    temperatures: temperaturesOf(all('temp')),
    containers: containersOf(all, rates),
  };
}

function busy({ values }: Point): number {
  const { usage_idle: idle, usage_iowait: waiting = 0 } = values as { usage_idle?: number; usage_iowait?: number };
  return idle === undefined ? Number.NaN : Math.max(0, Math.min(100, 100 - idle - waiting));
}

function cpuOf(points: readonly Point[]): CpuUse | undefined {
  const total = points.find(({ tags }) => tags['cpu'] === 'cpu-total');
  if (total === undefined) return undefined;
  const value = (field: string) => total.values[field] ?? 0;
  return {
    busy: busy(total),
    user: value('usage_user') + value('usage_nice'),
    system: value('usage_system') + value('usage_irq') + value('usage_softirq'),
    iowait: value('usage_iowait'),
    steal: value('usage_steal'),
  };
}

function coresOf(points: readonly Point[]): readonly number[] {
  return points
    .flatMap((point) => {
      const [, number] = /^cpu(\d+)$/.exec(point.tags['cpu'] ?? '') ?? [];
      return number === undefined ? [] : [{ number: Number(number), busy: busy(point) }];
    })
    .sort((a, b) => a.number - b.number)
    .map((core) => core.busy);
}

function memoryOf(point: Point | undefined): MemoryUse | undefined {
  const { total, available, free = 0, used } = (point?.values ?? {}) as Partial<Record<string, number>>;
  if (total === undefined) return undefined;
  const taken = used ?? total - (available ?? free);
  return { total, used: taken, free, cached: Math.max(0, total - taken - free) };
}

/** One with a total; the input reports its counters apart. */
function swapOf(points: readonly Point[]): SwapUse | undefined {
  const total = points.find(({ values }) => values['total'] !== undefined)?.values;
  return total === undefined ? undefined : { total: total['total'] ?? 0, used: total['used'] ?? 0 };
}

function loadOf(point: Point | undefined): HostView['load'] {
  const [one, five, fifteen] = ['load1', 'load5', 'load15'].map((field) => point?.values[field]);
  return one === undefined || five === undefined || fifteen === undefined ? undefined : [one, five, fifteen];
}

function pressureOf(points: readonly Point[]): Pressure | undefined {
  if (points.length === 0) return undefined;
  const some = (resource: string) =>
    points.find(({ tags }) => tags['resource'] === resource && tags['type'] === 'some')?.values['avg10'] ?? Number.NaN;
  return { cpu: some('cpu'), memory: some('memory'), io: some('io') };
}

/** Bind mounts and subvolumes of one device are shown once, by their shortest path. */
function fileSystemsOf(points: readonly Point[]): readonly FileSystem[] {
  const byDevice = new Map<string, Point>();
  for (const point of points) {
    const { device = '', path = '', fstype = '', pool } = point.tags;
    if (NO_DISKS.has(fstype) || point.values['total'] === undefined) continue;
    const key = pool ?? device;
    const known = byDevice.get(key);
    if (known === undefined || path.length < (known.tags['path'] ?? '').length) byDevice.set(key, point);
  }
  return [...byDevice.values()]
    .map(({ tags, values }) => ({
      path: tags['path'] ?? '',
      total: values['total'] ?? 0,
      free: values['free'] ?? 0,
      used: values['used_percent'] ?? Number.NaN,
      inodes: values['inodes_used_percent'] ?? 0,
    }))
    .sort((a, b) => b.used - a.used || (a.path < b.path ? -1 : 1));
}

function devicesOf(points: readonly Point[], rates: Rates): readonly Device[] {
  const names = new Set(points.map(({ tags }) => tags['name'] ?? ''));
  const isWhole = (name: string) => {
    const [, disk] = /^(.*\D)\d+$/.exec(name) ?? [];
    return disk === undefined || !(names.has(disk) || names.has(disk.replace(/p$/, '')));
  };
  return byTraffic(
    points.filter(({ tags: { name = '' } }) => !VIRTUAL_DEVICE.test(name) && isWhole(name)),
    ['read_bytes', 'write_bytes'],
  ).map((point) => {
    const rate = rates.of(point);
    const name = point.tags['name'] ?? '';
    return {
      name,
      read: rate('read_bytes'),
      written: rate('write_bytes'),
      busy: point.values['io_util'] ?? rate('io_time') / 10,
    };
  });
}

function interfacesOf(points: readonly Point[], rates: Rates): readonly Interface[] {
  const own = points.filter(({ tags, values }) => tags['interface'] !== 'all' && values['bytes_recv'] !== undefined);
  const isLoopback = ({ tags }: Point) => LOOPBACK.test(tags['interface'] ?? '');
  const sorted = byTraffic(own, ['bytes_recv', 'bytes_sent']);
  return [...sorted.filter((point) => !isLoopback(point)), ...sorted.filter(isLoopback)].map((point) => {
    const rate = rates.of(point);
    const lost = ['err_in', 'err_out', 'drop_in', 'drop_out'].reduce((sum, field) => sum + (rate(field) || 0), 0);
    return {
      name: point.tags['interface'] ?? '',
      received: rate('bytes_recv'),
      sent: rate('bytes_sent'),
      lost,
    };
  });
}

function byTraffic(points: readonly Point[], fields: readonly string[]): readonly Point[] {
  const traffic = ({ values }: Point) => fields.reduce((sum, field) => sum + (values[field] ?? 0), 0);
  return points.toSorted((a, b) => traffic(b) - traffic(a));
}

function temperaturesOf(points: readonly Point[]): readonly Temperature[] {
  return points
    .flatMap(({ tags, values: { temp } }) =>
      temp === undefined ? [] : [{ sensor: tags['sensor'] ?? '', celsius: temp }],
    )
    .sort((a, b) => b.celsius - a.celsius);
}

function containersOf(all: ByMeasurement, rates: Rates): readonly Container[] {
  const nameOf = ({ tags }: Point) => tags['container_name'] ?? '';
  const find = (measurement: string) => new Map(all(measurement).map((point) => [nameOf(point), point]));
  const [memory, network] = [find('docker_container_mem'), find('docker_container_net')];
  return all('docker_container_cpu')
    .filter(({ tags }) => tags['cpu'] === undefined || tags['cpu'] === 'cpu-total')
    .map((point) => {
      const name = nameOf(point);
      const net = network.get(name);
      const rate = net === undefined ? () => Number.NaN : rates.of(net);
      return {
        name,
        cpu: point.values['usage_percent'] ?? Number.NaN,
        memory: memory.get(name)?.values['usage'] ?? Number.NaN,
        received: rate('rx_bytes'),
        sent: rate('tx_bytes'),
      };
    })
    .sort((a, b) => b.cpu - a.cpu || b.memory - a.memory);
}
