/**
 * One night of a host, the same at every run: a backup begins at 03:05, its disk is saturated, an alert fires at 03:09, the
 * kernel kills a postgres at 03:14. Times are of Europe/Berlin; the story is told from 03:24:10 on.
 */
import type { EventInfo, Finding, HostInfo, ProcessInfo } from '../../../src/api/host.ts';
import type { FieldInfo, SeriesSetInfo } from '../../../src/api/series.ts';

export const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
export const STORY_NOW = Date.UTC(2026, 10, 29, 2, 24, 10);
const at = (hour: number, minute: number, second = 0) => Date.UTC(2026, 10, 29, hour - 1, minute, second);
const BACKUP = at(3, 5);
const OOM = at(3, 14, 8);
const RESTART = { from: at(2, 37), to: at(2, 38, 54) };

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const MEMORY = 64 * GIB;
const CORES = 16;

/** -1 to 1, the same for a name and a second. */
function noise(name: string, seconds: number): number {
  let hash = 2166136261 ^ seconds;
  for (let index = 0; index < name.length; index += 1) hash = Math.imul(hash ^ name.charCodeAt(index), 16777619);
  hash = Math.imul(hash ^ (hash >>> 15), 2246822519);
  hash ^= hash >>> 13;
  return (hash >>> 0) / 2 ** 31 - 1;
}

/** Slow and fast movements together, as machines have them. */
function wave(name: string, time: number): number {
  const seconds = Math.floor(time / 1000);
  const part = (length: number) => {
    const [step, rest] = [Math.floor(seconds / length), (seconds % length) / length];
    const smooth = rest * rest * (3 - 2 * rest);
    return noise(`${name}${length}`, step) * (1 - smooth) + noise(`${name}${length}`, step + 1) * smooth;
  };
  return 0.5 * part(120) + 0.3 * part(20) + 0.2 * part(4);
}

/** 0 before, 1 from the end of the rise on. */
function risen(time: number, from: number, length: number): number {
  return Math.max(0, Math.min(1, (time - from) / length));
}

type Reading = (time: number) => number;

const backup: Reading = (time) => risen(time, BACKUP, 4 * MINUTE);
const dip: Reading = (time) => Math.max(0, 1 - Math.abs(time - OOM - 20_000) / 40_000);
const iowait: Reading = (time) => 1.8 + 1.5 * wave('wait', time) + backup(time) * (61 + 5 * wave('wait2', time));
const user: Reading = (time) => 15 + 4 * wave('user', time);
const system: Reading = (time) => 9 + 2 * wave('system', time) + 2 * backup(time);
const diskRead: Reading = (time) =>
  MIB *
  Math.max(1, 11 + 5 * wave('read', time) + backup(time) * (400 + 30 * wave('read2', time)) * (1 - 0.4 * dip(time)));
const diskWrite: Reading = (time) => MIB * Math.max(1, 52 + 14 * wave('write', time));
const sent: Reading = (time) =>
  MIB * Math.max(1, 24 + 6 * wave('sent', time) + backup(time) * (165 + 10 * wave('sent2', time)));
const received: Reading = (time) => MIB * Math.max(1, 36 + 7 * wave('received', time));
const used: Reading = (time) =>
  GIB *
  (32.1 +
    0.4 * wave('used', time) +
    7.5 * risen(time, at(2, 50), 24 * MINUTE) * (time < OOM ? 1 : 0) +
    (time < OOM ? 0 : 2.4));
const cache: Reading = (time) => GIB * (14 + 0.2 * wave('cache', time) + 5 * risen(time, BACKUP, 12 * MINUTE));

interface Series {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, { read: Reading; unit: string; isCounter?: boolean; help?: string }>>;
}

const percent = (read: Reading, help = 'Share of time') => ({ read, unit: 'percent', help });
const bytes = (read: Reading) => ({ read, unit: 'bytes', help: 'Memory or space' });
const counter = (read: Reading, unit = 'bytes') => ({ read, unit, isCounter: true });

function cpu(name: string, share: number): Series {
  return {
    measurement: 'cpu',
    tags: { cpu: name },
    fields: {
      usage_user: percent((time) => user(time) * share),
      usage_nice: percent(() => 0),
      usage_system: percent((time) => system(time) * share),
      usage_irq: percent(() => 0),
      usage_softirq: percent(() => 0),
      usage_steal: percent(() => 0),
      usage_iowait: percent((time) => Math.max(0, iowait(time) * share)),
      usage_idle: percent((time) => Math.max(0, 100 - (user(time) + system(time) + Math.max(0, iowait(time))) * share)),
    },
  };
}

function disk(path: string, device: string, usedPercent: number, total: number): Series {
  return {
    measurement: 'disk',
    tags: { path, device, fstype: 'ext4', mode: 'rw' },
    fields: {
      used_percent: percent(() => usedPercent),
      free: bytes(() => total * (1 - usedPercent / 100)),
      total: bytes(() => total),
    },
  };
}

function device(name: string, share: number): Series {
  return {
    measurement: 'diskio',
    tags: { name },
    fields: {
      read_bytes: counter((time) => diskRead(time) * share),
      write_bytes: counter((time) => diskWrite(time) * share),
      reads: counter((time) => (diskRead(time) * share) / 131_072, 'operations'),
      read_time: counter(
        (time) => ((diskRead(time) * share) / 131_072) * (0.4 + 8 * backup(time) * (1 + 0.2 * wave('lat', time))),
        'ms',
      ),
    },
  };
}

function temp(sensor: string, read: Reading): Series {
  return { measurement: 'temp', tags: { sensor }, fields: { temp: { read, unit: 'celsius' } } };
}

function pressure(resource: string, read: Reading): Series {
  return {
    measurement: 'pressure',
    tags: { resource, type: 'some' },
    fields: { avg10: percent((time) => Math.max(0, read(time))) },
  };
}

function container(name: string, status: string, load: number, memory: number): readonly Series[] {
  const tags = { container_name: name, container_image: name, engine_host: 'db-fra1-07' };
  const state = { ...tags, container_status: status };
  return [
    {
      measurement: 'docker_container_status',
      tags: state,
      fields: {
        uptime_ns: { read: () => 9 * 24 * HOUR * 1e6, unit: 'ns' },
        exitcode: { read: () => (status === 'exited' ? 1 : 0), unit: '' },
        restart_count: { read: () => 0, unit: 'restarts', isCounter: true },
      },
    },
    ...(status === 'running'
      ? ([
          {
            measurement: 'docker_container_cpu',
            tags: { ...state, cpu: 'cpu-total' },
            fields: { usage_percent: percent((time) => Math.max(0, load + load * 0.2 * wave(name, time))) },
          },
          { measurement: 'docker_container_mem', tags: state, fields: { usage: bytes(() => memory * GIB) } },
        ] satisfies readonly Series[])
      : []),
  ];
}

const QUIET = ['web', 'mailer', 'worker-1', 'worker-2', 'grafana', 'loki', 'minio', 'vault', 'nats', 'registry'];

export function storySeries(): readonly Series[] {
  return [
    cpu('cpu-total', 1),
    ...Array.from({ length: CORES }, (_, core) => cpu(`cpu${core}`, 0.75 + (0.35 * (noise('core', core) + 1)) / 2)),
    {
      measurement: 'mem',
      tags: {},
      fields: {
        total: bytes(() => MEMORY),
        used: bytes(used),
        free: bytes((time) => MEMORY - used(time) - cache(time)),
        cached: bytes(cache),
      },
    },
    {
      measurement: 'system',
      tags: {},
      fields: {
        load1: {
          read: (time) => 4 + 17 * backup(time) + wave('load', time),
          unit: 'tasks',
          help: 'Load average of 1 minute',
        },
      },
    },
    {
      measurement: 'net',
      tags: { interface: 'eth0' },
      fields: { bytes_sent: counter(sent), bytes_recv: counter(received) },
    },
    device('nvme0n1', 0.02),
    device('nvme1n1', 0.98),
    pressure('io', (time) => 0.5 + 0.5 * wave('pio', time) + backup(time) * (46 + 4 * wave('pio2', time))),
    pressure('memory', (time) => 8 + 2 * wave('pm', time) + 16 * dip(time)),
    pressure('cpu', (time) => 6 + 1.5 * wave('pc', time)),
    temp('nvme1n1', (time) => 44 + wave('t1', time) + 22 * risen(time, BACKUP, 15 * MINUTE)),
    temp('CPU', (time) => 53 + 1.5 * wave('t2', time)),
    ...Array.from({ length: 9 }, (_, index) =>
      temp(`board ${index + 1}`, (time) => 40 + index + wave(`b${index}`, time)),
    ),
    disk('/var', 'nvme0n1p4', 91, 204 * GIB),
    disk('/data', 'nvme1n1', 78, 1872 * GIB),
    disk('/data/archive-2024-cold-storage', 'sda1', 71, 3884 * GIB),
    disk('/', 'nvme0n1p2', 64, 97.5 * GIB),
    disk('/boot', 'nvme0n1p1', 22, 1 * GIB),
    ...container('orders-api', 'running', 18, 2.4),
    ...container('redis', 'running', 2.1, 0.6),
    ...container('imgproxy', 'restarting', 0.4, 0.2),
    ...container('migrate-2026-11-27-add-index-on-orders', 'exited', 0, 0),
    ...QUIET.flatMap((name, index) => container(name, 'running', 1.8 - index * 0.15, 0.4)),
  ];
}

/** Whether the agent was down. */
export function isGap(time: number): boolean {
  return time > RESTART.from && time < RESTART.to;
}

export function setInfo({ measurement, tags, fields }: Series, now: number): SeriesSetInfo {
  return {
    measurement,
    tags: { ...tags },
    lastAt: now,
    fields: Object.entries(fields).map(([name, { unit, isCounter = false, help = '' }]): FieldInfo => ({
      name,
      type: 'float',
      unit,
      kind: isCounter ? 'counter' : 'gauge',
      help,
    })),
  };
}

export const storyHost: HostInfo = {
  id: '0b1c',
  name: 'db-fra1-07',
  os: 'Debian 13',
  kernel: '6.12.41',
  arch: 'x86_64',
  cores: CORES,
  memoryBytes: MEMORY,
  bootedAt: STORY_NOW - (41 * 24 + 6) * HOUR,
  addresses: ['192.0.2.17'],
  tags: { role: 'db' },
  timeZone: 'Europe/Berlin',
  agent: { version: '0.1.0', startedAt: RESTART.to, intervalMs: 10_000 },
};

export function storyFindings(): readonly Finding[] {
  return [
    {
      id: 'alert:41a7',
      level: 'critical',
      sentence: ['Processes wait for disk ', { name: 'nvme1n1' }, ': 64 % of CPU time, limit 60 %'],
      evidence: 'restic (backup.service) reads 412 MiB/s of 418 · Slack team and PagerDuty notified 03:10',
      since: at(3, 9),
      alert: { fingerprint: '41a7', rule: 'iowait' },
      series: 'cpu.usage_iowait{cpu=cpu-total}',
      sort: 'read',
    },
    {
      id: 'alert:52b8',
      level: 'critical',
      sentence: ['The kernel killed ', { name: 'postgres' }, ' (pid 48213, 6.8 GiB) for want of memory'],
      evidence: 'postgresql@16-main went on with 1 worker less · swap was full',
      since: OOM,
      alert: { fingerprint: '52b8', rule: 'oom' },
      sort: 'memory',
    },
    {
      id: 'unit:nginx.service',
      level: 'warning',
      sentence: [{ name: 'nginx.service' }, ' failed 3 times and does not run'],
      evidence: 'bind() to 0.0.0.0:443 failed (98: Address already in use) · port 443 is held by caddy, pid 1192',
      since: at(2, 10),
    },
    {
      id: 'alert:63c9',
      level: 'warning',
      sentence: [{ name: '/var' }, ' will be full in about 9 h, at the pace of the last 6 h'],
      evidence: '91 % used, 18.4 GiB left · postgres wrote most of it since 21:00',
      since: STORY_NOW - 6 * HOUR - 4 * MINUTE,
      alert: { fingerprint: '63c9', rule: 'disk_full', acknowledgedBy: 'mk' },
      series: 'disk.used_percent{device=nvme0n1p4,fstype=ext4,mode=rw,path=/var}',
    },
    {
      id: 'reboot',
      level: 'note',
      sentence: ['Reboot pending: kernel 6.12.44 is installed, 6.12.41 runs'],
      evidence: 'Installed by unattended-upgrades · 2 security fixes among 14 packages',
      since: STORY_NOW - 4 * 24 * HOUR - 17 * HOUR,
    },
  ];
}

export function storyProcesses(time: number): readonly ProcessInfo[] {
  const busy = backup(time);
  const process = (
    pid: number,
    name: string,
    unit: string,
    cpuNow: number,
    memory: number,
    read: number,
    written: number,
  ): ProcessInfo => ({
    pid,
    name,
    user: name === 'kswapd0' ? 'root' : 'app',
    unit,
    cpu: Math.max(0, cpuNow * (1 + 0.03 * wave(`${name}${pid}`, time))),
    memory: memory * GIB,
    read: read * MIB * (1 + 0.02 * wave(`r${name}${pid}`, time)),
    written: written * MIB,
  });
  return [
    ...(busy > 0 ? [process(51_022, 'restic', 'backup.service', 98 * busy, 1.1, 412 * busy, 0.1)] : []),
    ...(time < OOM ? [process(48_213, 'postgres', 'postgresql@16-main', 38, 6.8, 1.1, 22)] : []),
    process(48_190, 'postgres', 'postgresql@16-main', 61.4, 18.2, 4.9, 41.2),
    process(88, 'kswapd0', '', 22.7 * busy, 0, 0, 0),
    process(2210, 'node', 'orders-api', 18, 2.4, 0, 0.3),
    process(1192, 'caddy', 'caddy.service', 6.1, 0.2, 0.1, 0.2),
    process(402, 'journald', 'systemd-journald.service', 4.4, 0.1, 0, 18.6),
    process(771, 'healthd', 'healthd.service', 0.4, 0.1, 0, 0),
    process(3321, 'gzip', 'logrotate.service', 0.3, 0, 0, 1.8),
  ];
}

export const storyEvents: readonly EventInfo[] = [
  {
    at: RESTART.from,
    until: RESTART.to,
    kind: 'gap',
    level: 'info',
    title: 'agent restarted, 1 min 54 s without data',
  },
  { at: BACKUP, kind: 'unit', level: 'info', title: 'backup.service started' },
  { at: at(3, 9), kind: 'alert', level: 'critical', title: 'I/O wait critical', alert: '41a7' },
  { at: OOM, kind: 'oom', level: 'critical', title: 'OOM: postgres' },
];

export type { Series };
