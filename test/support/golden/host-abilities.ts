/** What this host supports, found out without healthd: tests that leave something out name it. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { networkInterfaces } from 'node:os';

import { canStartDocker } from '../servers/docker.ts';
import type { Ability } from './measurement-schema.ts';

/** The input `disk` ignores them by default. */
const LEFT_OUT = new Set(['tmpfs', 'devtmpfs', 'devfs', 'iso9660', 'overlay', 'aufs', 'squashfs']);

const PROBES: Readonly<Record<Ability, () => boolean>> = {
  'file systems': () =>
    // It fails if one of many mounts is not accessible, but prints the others.
    spawnSync('df', ['--output=fstype'], { encoding: 'utf8' })
      .stdout.split('\n')
      .slice(1)
      .some((type) => type !== '' && !LEFT_OUT.has(type)),
  // The first three columns name the device; a device never used has zeros in all others.
  'block devices': () =>
    readFileSync('/proc/diskstats', 'utf8')
      .split('\n')
      .some((line) => line.trim().split(/\s+/).slice(3).some(Number)),
  'network interfaces': () =>
    Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ internal }) => !internal)),
  'login records': () => isReadable('/run/utmp') || existsSync('/run/systemd/sessions'),
  'pressure figures': () => isReadable('/proc/pressure/cpu'),
  'page merging': () => existsSync('/sys/kernel/mm/ksm/run'),
  'temperature sensors': () =>
    ['hwmon', 'thermal']
      .flatMap((kind) => list(`/sys/class/${kind}`))
      .flatMap((device) => [device, `${device}/device`].flatMap(list))
      .some((file) => /\/(temp\d+_input|temp)$/.test(file) && isReadable(file)),
  Docker: () => canStartDocker,
};

function list(folder: string): string[] {
  return existsSync(folder) && statSync(folder).isDirectory()
    ? readdirSync(folder).map((name) => `${folder}/${name}`)
    : [];
}

/** A kernel can list a file and refuse to read it. */
function isReadable(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}

const known = new Map<Ability, boolean>();

export function hostHas(ability: Ability): boolean {
  const answer = known.get(ability) ?? PROBES[ability]();
  known.set(ability, answer);
  return answer;
}
