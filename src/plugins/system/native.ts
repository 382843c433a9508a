import { readFileSync } from 'node:fs';
import { endianness, machine } from 'node:os';

import type { Host } from '../../plugin/index.ts';

import { countCores, parseOnlineCpus } from './cpus.ts';
import { chassisType, DMI_FILES } from './dmi.ts';
import { parseLoadavg, parseUptime } from './load.ts';
import { describePlatform } from './os.ts';
import type { SystemFields, SystemSource } from './source.ts';
import { countSessions } from './sessions.ts';
import { countUsers, utmpRecordSize } from './users.ts';

/** Reads everything from /proc, /sys, /etc and /run of the monitored host. */
export function nativeSource(host: Host): SystemSource {
  let cores: { readonly cpus: string; readonly count: number } | undefined;
  return {
    load: () => known(parseLoadavg(host.readText(`${host.proc}/loadavg`)), `three averages in ${host.proc}/loadavg`),
    uptime: () => known(parseUptime(host.readText(`${host.proc}/uptime`)), `number in ${host.proc}/uptime`),
    users: () => readUsers(host),
    cpus() {
      const online = parseOnlineCpus(host.read(`${host.proc}/stat`));
      if (online.length === 0) throw new Error(`No line "cpu0 …" in ${host.proc}/stat; check what is mounted there`);
      const cpus = online.join();
      // Reads two files per CPU, so only when the set of CPUs has changed.
      if (cores?.cpus !== cpus) cores = { cpus, count: countCores(host, online) };
      return { n_cpus: online.length, n_physical_cpus: cores.count };
    },
    os: () => ({
      os: 'linux',
      arch: machine(),
      kernel_version: readLine(host, `${host.proc}/sys/kernel/osrelease`),
      ...describePlatform(readOsRelease(host)),
    }),
    dmi: () => readDmi(host),
  };
}

function known<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new Error(`No ${what}; check what is mounted there`);
  return value;
}

/**
 * Many systems no longer have utmp, and on some only its group may read it: systemd's sessions are then counted. Without
 * these too, the fields are omitted.
 */
function readUsers(host: Host): SystemFields {
  try {
    return countUsers(readFileSync(`${host.run}/utmp`), utmpRecordSize(process.arch), endianness() === 'LE');
  } catch {
    try {
      return countSessions(host);
    } catch {
      return {};
    }
  }
}

/** /etc/os-release is usually a link to the distribution's copy in /usr/lib. */
function readOsRelease(host: Host): string {
  try {
    return readFileSync(`${host.etc}/os-release`, 'utf8');
  } catch (error) {
    if (host.etc !== '/etc') throw error;
    return readFileSync('/usr/lib/os-release', 'utf8');
  }
}

function readDmi(host: Host): SystemFields {
  const folder = `${host.sys}/class/dmi/id`;
  const fields: Record<string, string | undefined> = {};
  for (const [field, file] of Object.entries(DMI_FILES)) fields[field] = readLine(host, `${folder}/${file}`);
  return { ...fields, chassis_type: chassisType(fields['chassis_type_code']) };
}

/** @returns undefined if the file is empty, missing or not readable */
function readLine(host: Host, path: string): string | undefined {
  return host.readOptional(path) || undefined;
}
