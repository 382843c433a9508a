/** What the host is. Facts that may change while the agent runs (addresses, memory, tags) are read at each call. */
import { arch, cpus, networkInterfaces, release, totalmem, type as osType, uptime, version } from 'node:os';

import type { HostInfo } from '../api/host.ts';
import type { Tags } from '../metric/metric.ts';
import type { Clock, Host } from '../plugin/index.ts';

export interface HostInfoOptions {
  readonly host: Pick<Host, 'hostname' | 'platform' | 'proc' | 'etc' | 'readOptional'>;
  /** See `hostId`. */
  readonly id: string;
  readonly version: string;
  /** ms since the Unix epoch. */
  readonly startedAt: number;
  readonly clock: Pick<Clock, 'now'>;
}

export interface HostSettings {
  /** Default interval of inputs, ms. */
  readonly intervalMs: number;
  readonly tags: Tags;
}

const MOST_ADDRESSES = 8;

export function hostInfo(options: HostInfoOptions, { intervalMs, tags }: HostSettings): HostInfo {
  const { host, id, version: agentVersion, startedAt, clock } = options;
  const stat = host.platform === 'linux' ? host.readOptional(`${host.proc}/stat`) : '';
  return {
    id,
    name: host.hostname,
    os: osName(host),
    kernel: host.readOptional(`${host.proc}/sys/kernel/osrelease`) || release(),
    arch: arch(),
    cores: countCpus(stat) || cpus().length,
    memoryBytes: memoryOf(host.readOptional(`${host.proc}/meminfo`)) ?? totalmem(),
    bootedAt: bootTime(stat) ?? Math.round(clock.now() - uptime() * 1000),
    addresses: addresses(),
    tags: { ...tags },
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    agent: { version: agentVersion, startedAt, intervalMs },
  };
}

/** PRETTY_NAME of os-release(5), whose values may be in quotes. */
function osName({ platform, etc, readOptional }: HostInfoOptions['host']): string {
  if (platform !== 'linux') return platform === 'darwin' ? `macOS (Darwin ${release()})` : version();
  const [, , name = ''] = /^PRETTY_NAME=(["'])?(.*?)\1$/m.exec(readOptional(`${etc}/os-release`)) ?? [];
  return name === '' ? osType() : name.replace(/\\(.)/g, '$1');
}

/** Of /proc/stat: lines `cpu0 …`. */
function countCpus(stat: string): number {
  return stat.match(/^cpu\d+ /gm)?.length ?? 0;
}

/** Of /proc/stat, `btime`: seconds since the epoch. @returns ms */
function bootTime(stat: string): number | undefined {
  const [, seconds] = /^btime (\d+)$/m.exec(stat) ?? [];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

/** Of /proc/meminfo, in KiB. */
function memoryOf(meminfo: string): number | undefined {
  const [, kibibytes] = /^MemTotal:\s+(\d+) kB$/m.exec(meminfo) ?? [];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

/** Those that others reach: of containers' bridges and link-local ones come last. */
function addresses(): string[] {
  const all = Object.entries(networkInterfaces()).flatMap(([name, list]) =>
    (list ?? []).filter(({ internal }) => !internal).map(({ address, family }) => ({ name, address, family })),
  );
  const rank = ({ name, address, family }: (typeof all)[number]) =>
    (/^(?:docker|br-|veth|virbr|cni|flannel|podman)/.test(name) ? 4 : 0) +
    (/^(?:fe80:|169\.254\.)/i.test(address) ? 2 : 0) +
    (family === 'IPv6' ? 1 : 0);
  const sorted = all.toSorted((a, b) => rank(a) - rank(b));
  return sorted.slice(0, MOST_ADDRESSES).map(({ address }) => address);
}
