/**
 * Reads the counters of a local container from the kernel. The daemon reads the same files, but spends about 4 ms of CPU
 * per container on it, and Docker 20.10 delays each one-shot request by up to a second.
 *
 * The cgroup comes from /proc/<pid>/cgroup. Its path contains the container's ID, which proves that the daemon and the
 * files belong to the same host; otherwise the caller falls back to the daemon.
 */
import { readFileSync } from 'node:fs';

import type { Host } from '../../../plugin/index.ts';
import type { ContainerInspection, ContainerStats, NetworkStats } from '../api/answers.ts';

import type { HostFacts } from './cgroup-stats.ts';
import { parseNetDev } from './net-dev.ts';
import { readVersion1 } from './v1.ts';
import { readVersion2 } from './v2.ts';

/** Location of one container's files. */
export type Cgroup =
  | { readonly version: 1; readonly folders: Readonly<Record<string, string>> }
  | { readonly version: 2; readonly folder: string };

/** @throws a system error if a file is missing or not readable */
export function readCgroup(
  host: Host,
  inspection: ContainerInspection,
  facts: HostFacts,
): Omit<ContainerStats, 'read'> {
  const { Id, State, HostConfig } = inspection;
  const cgroup = findCgroup(readText(`${host.proc}/${State.Pid}/cgroup`), Id, `${host.sys}/fs/cgroup`);
  if (cgroup === undefined) throw new Error(`Process ${State.Pid} is not in a cgroup of container ${Id}`);
  const stats =
    cgroup.version === 1 ? readVersion1(cgroup.folders, readText, facts) : readVersion2(cgroup.folder, readText, facts);
  const networks = readNetworks(host, State.Pid, HostConfig?.NetworkMode ?? '');
  return networks === undefined ? stats : { ...stats, networks };
}

/**
 * Parses /proc/<pid>/cgroup; each line is `hierarchy:controllers:path`. A container may create cgroups below its own, so
 * the path is cut after the component that contains the ID.
 */
export function findCgroup(text: string, id: string, root: string): Cgroup | undefined {
  const folders: Record<string, string> = {};
  let unified: string | undefined;
  for (const line of text.split('\n')) {
    const [, controllers = '', ...rest] = line.split(':');
    const path = rest.join(':');
    const at = path.indexOf(id);
    if (at === -1) continue;
    const end = path.indexOf('/', at);
    const folder = end === -1 ? path : path.slice(0, end);
    if (controllers === '') unified = root + folder;
    else for (const name of controllers.split(',')) folders[name] = `${root}/${name}${folder}`;
  }
  if ('memory' in folders) return { version: 1, folders };
  return unified === undefined ? undefined : { version: 2, folder: unified };
}

/** @param stat content of /proc/stat */
export function hostFacts(stat: string, memoryTotal: number): HostFacts {
  const [total = '', ...rest] = stat.split('\n');
  const jiffies = total.trim().split(/\s+/).slice(1, 8).map(Number);
  return {
    // USER_HZ is 100 whatever the kernel was built with.
    systemCpu: jiffies.reduce((sum, value) => sum + value, 0) * 10_000_000,
    onlineCpus: rest.filter((line) => line.startsWith('cpu')).length,
    memoryTotal,
  };
}

function readNetworks(host: Host, pid: number, mode: string): Readonly<Record<string, NetworkStats>> | undefined {
  if (mode === 'host') return undefined;
  const networks = parseNetDev(readText(`${host.proc}/${pid}/net/dev`));
  return Object.keys(networks).length === 0 ? undefined : networks;
}

/** Opens the file each time: containers come and go, so descriptors are not cached. */
function readText(path: string): string {
  return readFileSync(path, 'utf8');
}
