/** Files of the kernel, udev and the login manager. What a gather makes of them is in test/plugins/*.fuzz.test.ts. */
import { deepEqual, doesNotMatch, match, notEqual, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { parseStat } from '../../../src/host/processes/process-stat.ts';
import { parseCpuTimes } from '../../../src/plugins/cpu/stat.ts';
import { parseMountinfo } from '../../../src/plugins/disk/mountinfo.ts';
import { parseDiskstats } from '../../../src/plugins/diskio/diskstats.ts';
import { parseUdev } from '../../../src/plugins/diskio/udev.ts';
import { parsePressure } from '../../../src/plugins/kernel/pressure.ts';
import { parseInteger, parseKernelStat } from '../../../src/plugins/kernel/stat.ts';
import { parseMeminfo, readMeminfo } from '../../../src/plugins/mem/meminfo.ts';
import { parseSpeed } from '../../../src/plugins/net/interfaces.ts';
import { parseNetDev } from '../../../src/plugins/net/netdev.ts';
import { parseSnmp } from '../../../src/plugins/net/snmp.ts';
import { noSockets } from '../../../src/plugins/netstat/states.ts';
import { countSockets } from '../../../src/plugins/netstat/table.ts';
import { parseProcessStat } from '../../../src/plugins/processes/stat.ts';
import { parsePageSize } from '../../../src/plugins/swap/auxv.ts';
import { readTotals, readTraffic } from '../../../src/plugins/swap/swap.ts';
import { parseOnlineCpus } from '../../../src/plugins/system/cpus.ts';
import { parseLoadavg, parseUptime } from '../../../src/plugins/system/load.ts';
import { describePlatform, parseOsRelease } from '../../../src/plugins/system/os.ts';
import { countUsers } from '../../../src/plugins/system/users.ts';
import { parseTemperature } from '../../../src/plugins/temp/sensors.ts';
import { target, type Target } from '../target.ts';

/** A file of a golden folder. */
function recorded(path: string): Buffer {
  return readFileSync(join(import.meta.dirname, '../../plugins', path));
}

const MEMINFO =
  'MemTotal: 16318468 kB\nMemFree: 1 kB\nMemAvailable: 9 kB\nSwapTotal: 5 kB\nSwapFree: 5 kB\nHugePages_Total: 0\n';
const VMSTAT = 'nr_free_pages 5\npswpin 17\npswpout 4\n';
const STAT =
  'cpu  10 2 3 400 5 6 7 8 9 10\ncpu0 10 2 3 400 5 6 7 8 9 10\nintr 1234 5 6\nctxt 99\nbtime 1700000000\nprocesses 77\n';
const PROCESS = '42 (a) (b c) S 1 42 42 0 -1 4194560 1 2 3 4 17 18 5 6 20 0 9 0 12345 1000000 250 184467 1 1 0\n';
const NET_DEV =
  'Inter-|\n face |\n  eth0:1: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n lo:1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n';
const TCP = '  sl  local_address rem_address   st\n   0: 0100007F:1F90 00000000:0000 0A 0:0\n   1: 0:0 0:0 01 0:0\n';
const UNIX =
  'Num       RefCount Protocol Flags    Type St Inode Path\n0000: 00000002 00000000 00010000 0002 01 1 /run/x\n';

function isCount(value: number | undefined): boolean {
  return value === undefined || (Number.isFinite(value) && value >= 0);
}

function allCounts(fields: Readonly<Record<string, number | undefined>>): void {
  deepEqual(
    Object.entries(fields).filter(([, value]) => !isCount(value)),
    [],
  );
}

export const KERNEL: readonly Target[] = [
  target('/proc/stat', {
    examples: [STAT],
    parse(input) {
      allCounts(parseKernelStat(input));
      ok(parseOnlineCpus(input).every(isCount));
      return parseCpuTimes(input);
    },
    holds(sample) {
      for (const { user, nice, system, idle } of sample.values()) allCounts({ user, nice, system, idle });
    },
  }),
  target('/proc/meminfo, /proc/vmstat', {
    examples: [MEMINFO, VMSTAT],
    parse(input) {
      const text = input.toString();
      return {
        ...readMeminfo(text, true, 0),
        ...readTotals(text),
        ...readTraffic(text, 4096),
        lines: parseMeminfo(text).size,
      };
    },
    holds: allCounts,
  }),
  target('/proc/diskstats', {
    examples: ['   8       0 sda 10 2 300 4 50 6 700 8 0 90 100 0 0 0 0\n 8 1 sda1 1 1 1 1 1 1 1 1 1 1 1\n'],
    parse: (input) => parseDiskstats(input.toString()),
    holds(devices) {
      for (const { name, counters } of devices) {
        match(name, /^\S+$/);
        allCounts({ ...counters });
      }
    },
  }),
  target('/proc/net/dev, /proc/net/snmp', {
    examples: [NET_DEV, 'Ip: Forwarding DefaultTTL\nIp: 1 64\nTcp: MaxConn InSegs\nTcp: -1 18446744073709551615\n'],
    parse(input) {
      const text = input.toString();
      return { interfaces: parseNetDev(text), counters: parseSnmp(text) };
    },
    holds({ interfaces }) {
      for (const { name, ...counters } of interfaces) {
        notEqual(name, '');
        allCounts(counters);
      }
    },
  }),
  target('/proc/net/tcp, udp and unix', {
    examples: [TCP, UNIX],
    parse(input) {
      const counts = noSockets();
      const consumed = (['tcp', 'udp', 'unix'] as const).map((kind) => countSockets(input, kind, counts));
      return { counts, consumed };
    },
    holds({ counts, consumed }, input) {
      allCounts(counts);
      deepEqual(new Set(consumed), new Set([input.lastIndexOf('\n') + 1]));
    },
  }),
  target('/proc/pid/stat', {
    examples: [PROCESS],
    parse: (input) => ({ process: parseStat(input.toString()), counted: parseProcessStat(input) }),
    holds({ process, counted }) {
      if (process !== undefined) doesNotMatch(process.name, /[\r\n]/);
      ok(isCount(counted?.threads));
    },
  }),
  target('/proc/self/mountinfo', {
    examples: [recorded('disk/ordinary/root/proc/1/mountinfo')],
    parse: (input) => parseMountinfo(input.toString()),
    holds(mounts) {
      for (const { path, fstype, options } of mounts) ok(path.length * fstype.length * options.length > 0);
    },
  }),
  target('/proc/pressure', {
    examples: ['some avg10=0.12 avg60=1.00 avg300=0.00 total=123456\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=1\n'],
    parse: (input) => parsePressure(input.toString()),
    holds(lines) {
      for (const { avg10, avg60, avg300, total } of lines) allCounts({ avg10, avg60, avg300, total });
    },
  }),
  target('files of one number, /proc/loadavg, /proc/uptime', {
    examples: ['42\n', '-1\n', '0.12 1.00 2.50 1/234 5678\n', '350735.47 234388.90\n', '45000\n'],
    longest: 20_000,
    parse(input) {
      const text = input.toString();
      allCounts({ ...parseLoadavg(text), uptime: parseUptime(text) });
      return [parseInteger(text), parseTemperature(text), parseSpeed(text)];
    },
    holds([integer, temperature, speed]) {
      ok(integer === undefined || Number.isSafeInteger(integer));
      ok(!Number.isNaN(temperature));
      ok(speed !== undefined && speed >= -1);
    },
  }),
  target('/etc/os-release, udev', {
    examples: [
      'NAME="Debian GNU/Linux"\nID=debian\nVERSION_ID="12"\nID_LIKE=\'a b\'\n',
      'S:disk/by-id/a\nE:ID_MODEL=x\nE:ID_SERIAL=y\n',
    ],
    parse(input) {
      const text = input.toString();
      return { values: parseOsRelease(text), platform: describePlatform(text), udev: parseUdev(text) };
    },
    holds({ platform }) {
      ok(Object.values(platform).every((value) => value === undefined || typeof value === 'string'));
    },
  }),
  target('utmp, auxv', {
    examples: [Buffer.alloc(768, 'user\0\u0007\0'), Buffer.from('06000000000000000010000000000000', 'hex')],
    parse(input) {
      return {
        ...countUsers(input, 384, true),
        page: parsePageSize(input, { size: 8, endianness: 'LE' }),
        small: parsePageSize(input, { size: 4, endianness: 'BE' }),
      };
    },
    holds: allCounts,
  }),
];
