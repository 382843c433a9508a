/** The latest CPU, memory, disk and container usage of each host, from metrics. */
import { formatValue } from '../../plugin/message-text.ts';
import type { Fields, Metric, Tags } from '../../metric/metric.ts';
import type { ContextTable } from '../../plugin/notification.ts';

interface Reading {
  readonly value: number;
  /** Time of arrival by the clock's `elapsed`, ms. */
  readonly at: number;
}

interface Container {
  readonly cpu?: Reading | undefined;
  readonly memory?: Reading | undefined;
}

interface HostUsage {
  cpu: Reading | undefined;
  memory: Reading | undefined;
  /** By path. */
  readonly disks: Map<string, Reading>;
  /** By name. */
  readonly containers: Map<string, Container>;
}

/** Older readings are not shown. */
const FRESH_MS = 600_000;
/** A gateway may see many hosts. At the limit the map is cleared. */
const MOST_HOSTS = 10_000;
/** The same for disks, and for containers, of one host. */
const MOST_OF_A_HOST = 1000;
const ROWS = 5;

/** File systems that are always full, or not disks. */
const NO_DISKS: ReadonlySet<string> = new Set(['squashfs', 'iso9660', 'udf', 'tmpfs', 'devtmpfs', 'overlay', 'erofs']);

const MEASUREMENTS: ReadonlySet<string> = new Set([
  'cpu',
  'mem',
  'disk',
  'docker_container_cpu',
  'docker_container_mem',
]);

export class Usage {
  readonly #hosts = new Map<string, HostUsage>();

  wants(measurement: string, tags: Tags): boolean {
    if (!MEASUREMENTS.has(measurement)) return false;
    if (measurement === 'disk') return !NO_DISKS.has(tags['fstype'] ?? '') && tags['mode'] !== 'ro';
    return measurement === 'mem' || measurement === 'docker_container_mem' || tags['cpu'] === 'cpu-total';
  }

  observe({ name, tags, fields }: Metric, elapsed: number): void {
    const host = this.#host(tags['host'] ?? '');
    const read = (value: number | undefined) => (value === undefined ? undefined : { value, at: elapsed });
    if (name === 'cpu') host.cpu = read(busy(fields)) ?? host.cpu;
    else if (name === 'mem') host.memory = read(number(fields, 'used_percent')) ?? host.memory;
    else if (name === 'disk') put(host.disks, tags['path'], read(number(fields, 'used_percent')));
    else {
      const container = tags['container_name'];
      const known = container === undefined ? undefined : host.containers.get(container);
      const cpu = name === 'docker_container_cpu' ? read(number(fields, 'usage_percent')) : known?.cpu;
      const memory = name === 'docker_container_mem' ? read(number(fields, 'usage')) : known?.memory;
      put(host.containers, container, { cpu, memory });
    }
  }

  /** Unknown values have no row. */
  hostTable(name: string, elapsed: number): ContextTable {
    const host = this.#hosts.get(name);
    const isFresh = (reading: Reading | undefined) => reading !== undefined && elapsed - reading.at < FRESH_MS;
    const disks = [...(host?.disks ?? [])]
      .filter(([, disk]) => isFresh(disk))
      .sort(([, a], [, b]) => b.value - a.value);
    const rows: (readonly string[])[] = [];
    if (host?.cpu !== undefined && isFresh(host.cpu)) rows.push(['CPU Usage', percent(host.cpu.value)]);
    if (host?.memory !== undefined && isFresh(host.memory)) rows.push(['Memory Usage', percent(host.memory.value)]);
    const [fullest] = disks;
    if (fullest !== undefined) rows.push(['Disk Usage', `${percent(fullest[1].value)} (${fullest[0]})`]);
    return {
      kind: 'host',
      title: `${name === '' ? 'The host' : name} when the alert fired`,
      columns: ['What', 'Used'],
      rows,
    };
  }

  /** The busiest first. */
  containerTable(name: string, elapsed: number): ContextTable {
    const isFresh = ({ cpu, memory }: Container) =>
      elapsed - Math.max(cpu?.at ?? -Infinity, memory?.at ?? -Infinity) < FRESH_MS;
    const rows = [...(this.#hosts.get(name)?.containers ?? [])]
      .filter(([, container]) => isFresh(container))
      .sort(
        ([, a], [, b]) => (b.cpu?.value ?? 0) - (a.cpu?.value ?? 0) || (b.memory?.value ?? 0) - (a.memory?.value ?? 0),
      )
      .slice(0, ROWS)
      .map(([container, { cpu, memory }]) => [
        container,
        cpu === undefined ? '' : percent(cpu.value),
        memory === undefined ? '' : formatValue(memory.value, 'bytes'),
      ]);
    return { kind: 'containers', title: 'Busiest containers', columns: ['Container', 'CPU', 'Memory'], rows };
  }

  #host(name: string): HostUsage {
    const known = this.#hosts.get(name);
    if (known !== undefined) return known;
    if (this.#hosts.size >= MOST_HOSTS) this.#hosts.clear();
    const host: HostUsage = { cpu: undefined, memory: undefined, disks: new Map(), containers: new Map() };
    this.#hosts.set(name, host);
    return host;
  }
}

function busy(fields: Fields): number | undefined {
  const idle = number(fields, 'usage_idle');
  return idle === undefined ? number(fields, 'usage_active') : 100 - idle;
}

function number(fields: Fields, name: string): number | undefined {
  const value = fields[name];
  const known = typeof value === 'bigint' ? Number(value) : value;
  return typeof known === 'number' && Number.isFinite(known) ? known : undefined;
}

function put<Value>(map: Map<string, Value>, key: string | undefined, value: Value | undefined): void {
  if (key === undefined || value === undefined) return;
  if (map.size >= MOST_OF_A_HOST && !map.has(key)) map.clear();
  map.set(key, value);
}

function percent(value: number): string {
  return `${Math.round(value)} %`;
}
