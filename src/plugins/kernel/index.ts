import { defineInput, z, type Accumulator, type Host } from '../../plugin/index.ts';

import { KSM_FILES, type KsmFields } from './ksm.ts';
import { metrics } from './metrics.ts';
import { parsePressure } from './pressure.ts';
import { parseInteger, parseKernelStat } from './stat.ts';

const RESOURCES = ['cpu', 'memory', 'io'] as const;

/** Counters of the Linux kernel. Sources: proc(5), section /proc/stat; the kernel's documents on KSM and PSI. */
export const kernel = defineInput({
  name: 'kernel',
  summary: 'Counters of the Linux kernel: context switches, interrupts, forks, entropy, KSM, pressure (PSI)',
  config: z.strictObject({
    collect: z
      .array(z.enum(['ksm', 'psi']))
      .default([])
      .describe('Additional metrics: ksm (kernel same-page merging) and psi (pressure stall information)'),
  }),
  metrics,
  create({ collect }, { host }) {
    if (host.platform !== 'linux') {
      throw new Error(`The input kernel supports only Linux, not ${host.platform}; remove it`);
    }
    return {
      gather(acc) {
        const counters = readCounters(host);
        const ksm = collect.includes('ksm') ? readKsm(host, acc) : {};
        acc.add('kernel', { ...counters, entropy_avail: readEntropy(host), ...ksm });
        if (collect.includes('psi')) addPressure(host, acc);
      },
    };
  },
});

function readCounters(host: Host) {
  const path = `${host.proc}/stat`;
  const counters = parseKernelStat(readStat(host, path));
  if (counters.boot_time === undefined && counters.context_switches === undefined) {
    throw new Error(`No kernel counters in ${path}; check what is mounted there`);
  }
  return counters;
}

function readStat(host: Host, path: string): Buffer {
  try {
    return host.read(path);
  } catch (cause) {
    throw new Error(`Cannot read kernel counters from ${path}; check that procfs is mounted there (HOST_PROC)`, {
      cause,
    });
  }
}

/** Some sandboxes do not have the file; the counters are reported without it. */
function readEntropy(host: Host): number | undefined {
  return readNumber(host, `${host.proc}/sys/kernel/random/entropy_avail`);
}

function readKsm(host: Host, acc: Accumulator<typeof metrics>): KsmFields {
  const folder = `${host.sys}/kernel/mm/ksm`;
  const fields: Record<string, number> = {};
  for (const file of KSM_FILES) {
    const value = readNumber(host, `${folder}/${file}`);
    if (value !== undefined) fields[`ksm_${file}`] = value;
  }
  if (Object.keys(fields).length === 0) {
    acc.error(new Error(`No figures in ${folder}: this kernel merges no memory (CONFIG_KSM); take ksm out of collect`));
  }
  return fields;
}

function addPressure(host: Host, acc: Accumulator<typeof metrics>): void {
  for (const resource of RESOURCES) {
    const path = `${host.proc}/pressure/${resource}`;
    try {
      for (const { type, ...fields } of parsePressure(host.readText(path))) {
        // `full` is undefined for the CPU of the whole system: the kernel prints zeros.
        if (resource !== 'cpu' || type === 'some') acc.add('pressure', fields, { resource, type });
      }
    } catch (cause) {
      acc.error(
        new Error(`Cannot read ${path}: pressure figures need CONFIG_PSI, and psi=1 on some kernels' command line`, {
          cause,
        }),
      );
    }
  }
}

function readNumber(host: Host, path: string): number | undefined {
  try {
    return parseInteger(host.readText(path));
  } catch {
    return undefined;
  }
}
