/** Parsers of kernel files accept any content: they never throw and never report invalid fields. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import type { FieldSpec, MetricCatalog } from '../../src/plugin/index.ts';
import { metrics as cpuMetrics } from '../../src/plugins/cpu/metrics.ts';
import { parseCpuTimes } from '../../src/plugins/cpu/stat.ts';
import { timesInSeconds, usageBetween } from '../../src/plugins/cpu/usage.ts';
import { metrics as kernelMetrics } from '../../src/plugins/kernel/metrics.ts';
import { parsePressure } from '../../src/plugins/kernel/pressure.ts';
import { parseInteger, parseKernelStat } from '../../src/plugins/kernel/stat.ts';
import { readMeminfo } from '../../src/plugins/mem/meminfo.ts';
import { metrics as memMetrics } from '../../src/plugins/mem/metrics.ts';
import { netstat } from '../../src/plugins/netstat/index.ts';
import { noSockets } from '../../src/plugins/netstat/states.ts';
import { countSockets, type TableKind } from '../../src/plugins/netstat/table.ts';
import { processes } from '../../src/plugins/processes/index.ts';
import { parseProcessStat } from '../../src/plugins/processes/stat.ts';
import { countProcess, noProcesses } from '../../src/plugins/processes/counts.ts';
import { parsePageSize } from '../../src/plugins/swap/auxv.ts';
import { swap } from '../../src/plugins/swap/index.ts';
import { readTotals, readTraffic } from '../../src/plugins/swap/swap.ts';
import { parseOnlineCpus } from '../../src/plugins/system/cpus.ts';
import { chassisType } from '../../src/plugins/system/dmi.ts';
import { formatUptime, parseLoadavg, parseUptime } from '../../src/plugins/system/load.ts';
import { metrics as systemMetrics } from '../../src/plugins/system/metrics.ts';
import { describePlatform } from '../../src/plugins/system/os.ts';
import { countUsers } from '../../src/plugins/system/users.ts';

type Fields = Readonly<Record<string, number | string | undefined>>;

interface Target {
  /** Files of the golden folders to start from: `<input>/<case>/root/<path>` for every case that has the path. */
  readonly samples: readonly Buffer[];
  /** Parses, and checks the fields that a gather would report. */
  readonly run: (bytes: Buffer) => void;
}

const text = (bytes: Buffer) => bytes.toString('utf8');

const TARGETS: Readonly<Record<string, Target>> = {
  'cpu: /proc/stat': {
    samples: golden('cpu', 'proc/stat'),
    run(bytes) {
      const half = bytes.subarray(0, bytes.length >> 1);
      const [before, now] = [parseCpuTimes(half), parseCpuTimes(bytes)];
      for (const [series, times] of now) {
        expect(series).toMatch(/^cpu(\d{1,10}|-total)$/);
        report(cpuMetrics, 'cpu', timesInSeconds(times, true));
        const usage = usageBetween(before.get(series) ?? times, times, true) ?? {};
        report(cpuMetrics, 'cpu', usage);
        expect(Math.max(0, ...Object.values(usage))).toBeLessThanOrEqual(100);
      }
    },
  },
  'mem: /proc/meminfo': {
    samples: golden('mem', 'proc/meminfo'),
    run: (bytes) => {
      // The lines of a mutated file may contradict each other, such as more memory available than in total.
      report(memMetrics, 'mem', readMeminfo(text(bytes), true, 0), isOtherType);
    },
  },
  'swap: /proc/meminfo': {
    samples: golden('swap', 'proc/meminfo'),
    run: (bytes) => {
      report(swap.metrics, 'swap', readTotals(text(bytes)) ?? {});
    },
  },
  'swap: /proc/vmstat': {
    samples: golden('swap', 'proc/vmstat'),
    run: (bytes) => {
      report(swap.metrics, 'swap', readTraffic(text(bytes), 65_536));
    },
  },
  'swap: /proc/self/auxv': {
    samples: golden('swap', 'proc/self/auxv'),
    run(bytes) {
      for (const size of [4, 8] as const) {
        for (const endianness of ['LE', 'BE'] as const) {
          const pageSize = parsePageSize(bytes, { size, endianness }) ?? 4096;
          expect(Number.isInteger(Math.log2(pageSize))).toBe(true);
        }
      }
    },
  },
  'kernel: /proc/stat': {
    samples: golden('kernel', 'proc/stat'),
    run: (bytes) => {
      report(kernelMetrics, 'kernel', parseKernelStat(bytes));
    },
  },
  'kernel: single numbers': {
    samples: golden('kernel', 'proc/sys/kernel/random/entropy_avail'),
    run: (bytes) => {
      report(kernelMetrics, 'kernel', { ksm_general_profit: Math.abs(parseInteger(text(bytes)) ?? 0) });
    },
  },
  'kernel: /proc/pressure': {
    samples: ['cpu', 'memory', 'io'].flatMap((resource) => golden('kernel', `proc/pressure/${resource}`)),
    run(bytes) {
      for (const { type, ...fields } of parsePressure(text(bytes))) {
        expect(['some', 'full']).toContain(type);
        report(kernelMetrics, 'pressure', fields);
      }
    },
  },
  'processes: /proc/[pid]/stat': {
    samples: [1, 2, 3, 40, 300, 301, 302, 305].flatMap((pid) => golden('processes', `proc/${pid}/stat`)),
    run(bytes) {
      const counts = noProcesses();
      const stat = parseProcessStat(bytes);
      countProcess(counts, stat === undefined ? undefined : String.fromCharCode(stat.state), stat?.threads ?? 0);
      report(processes.metrics, 'processes', { ...counts });
      expect(counts.total).toBe(1);
    },
  },
  'netstat: socket tables': {
    samples: ['tcp', 'tcp6', 'udp', 'udp6', 'unix'].flatMap((file) => golden('netstat', `proc/net/${file}`)),
    run(bytes) {
      const lines = bytes.toString('latin1').split('\n').length - 1;
      for (const kind of ['tcp', 'udp', 'unix'] satisfies TableKind[]) {
        const counts = noSockets();
        expect(countSockets(bytes, kind, counts)).toBe(bytes.lastIndexOf(0x0a) + 1);
        report(netstat.metrics, 'netstat', counts);
        expect(Object.values(counts).reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(lines);
      }
    },
  },
  'system: /proc/loadavg and /proc/uptime': {
    samples: [...golden('system', 'proc/loadavg'), ...golden('system', 'proc/uptime')],
    run(bytes) {
      report(systemMetrics, 'system', parseLoadavg(text(bytes)) ?? {});
      const uptime = parseUptime(text(bytes)) ?? 0;
      report(systemMetrics, 'system', { uptime });
      expect(formatUptime(uptime)).toMatch(/^(\d+ days?, )?[ 12]\d:[0-5]\d$/);
    },
  },
  'system: /proc/stat': {
    samples: golden('system', 'proc/stat'),
    run(bytes) {
      for (const cpu of parseOnlineCpus(bytes)) expect(Number.isSafeInteger(cpu)).toBe(true);
    },
  },
  'system: utmp': {
    samples: [Buffer.alloc(3 * 384, 7)],
    run(bytes) {
      for (const size of [384, 400]) {
        const users = countUsers(bytes, size, true);
        report(systemMetrics, 'system', users);
        expect(users.n_unique_users).toBeLessThanOrEqual(users.n_users);
      }
    },
  },
  'system: os-release and chassis type': {
    samples: [Buffer.from('ID=rocky\nID_LIKE="rhel centos"\nVERSION_ID="9.4"\n')],
    run(bytes) {
      report(systemMetrics, 'system', { ...describePlatform(text(bytes)), chassis_type: chassisType(text(bytes)) });
    },
  },
};

for (const [name, { samples, run }] of Object.entries(TARGETS)) {
  test(`H-026: ${name} accepts any content`, () => {
    expect(samples.length).toBeGreaterThan(0);
    for (const sample of samples) run(sample);
    fc.assert(fc.property(fc.oneof(anyBytes, mutated(samples), mutated(samples)), run), { numRuns: 400 });
  });
}

const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
  fc.string({ unit: 'binary', maxLength: 500 }).map((string) => Buffer.from(string)),
);

/** Mutates real files: pieces are removed, duplicated or replaced. */
function mutated(samples: readonly Buffer[]): fc.Arbitrary<Buffer> {
  const piece = fc.oneof(
    fc.constantFrom(
      '',
      '\n',
      ' ',
      '-1',
      '0',
      '99999999999999999999999',
      '18446744073709551615',
      '1e9',
      'NaN',
      ') ',
      '\0',
    ),
    fc.constantFrom('9'.repeat(400), ':', '=', 'cpu0 ', 'cpu', 'some ', '\ncpu  1 2 3 4\n'),
    fc.string({ maxLength: 8 }),
  );
  const edit = fc.record({ at: fc.nat(100_000), remove: fc.nat(40), insert: piece, double: fc.boolean() });
  return fc.tuple(fc.constantFrom(...samples), fc.array(edit, { minLength: 1, maxLength: 8 })).map(([sample, edits]) =>
    edits.reduce((bytes, { at, remove, insert, double }) => {
      const start = at % (bytes.length + 1);
      const end = Math.min(bytes.length, start + remove);
      const kept = double ? bytes.subarray(start, end) : Buffer.alloc(0);
      return Buffer.concat([bytes.subarray(0, start), kept, Buffer.from(insert), kept, bytes.subarray(end)]);
    }, Buffer.from(sample)),
  );
}

/** Expects fields that are in the catalog, of its type, finite and not negative. */
function report(catalog: MetricCatalog, name: string, fields: Fields, isInvalid = isNonsense): void {
  const invalid = Object.entries(fields).filter(([field, value]) => {
    const type = catalog[name]?.fields[field]?.type;
    return type === undefined || (value !== undefined && isInvalid(value, type));
  });
  expect(invalid).toEqual([]);
}

function isNonsense(value: number | string, type: FieldSpec['type']): boolean {
  return isOtherType(value, type) || (typeof value === 'number' && !(value >= 0 && value < Number.POSITIVE_INFINITY));
}

function isOtherType(value: number | string, type: FieldSpec['type']): boolean {
  if (typeof value === 'string') return type !== 'string';
  return type === 'string' || (type === 'int' && Number.isFinite(value) && !Number.isInteger(value));
}

function golden(input: string, path: string): readonly Buffer[] {
  const folder = join(import.meta.dirname, input);
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (!entry.isDirectory()) return [];
    try {
      return [readFileSync(join(folder, entry.name, 'root', path))];
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).toMatch(/^(ENOENT|ENOTDIR)$/);
      return [];
    }
  });
}
