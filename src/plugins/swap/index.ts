import { endianness } from 'node:os';

import { defineInput, isPortable, provider, z, type Host } from '../../plugin/index.ts';

import { parsePageSize, USUAL_PAGE_SIZE } from './auxv.ts';
import { readPortable } from './portable.ts';
import { readTotals, readTraffic } from './swap.ts';

/** Swap space. Sources: proc(5), SwapTotal and SwapFree of /proc/meminfo, pswpin and pswpout of /proc/vmstat. */
export const swap = defineInput({
  name: 'swap',
  summary: 'Swap space: how much there is and is used, and how much went in and out',
  config: z.strictObject({ provider: provider() }),
  metrics: {
    swap: {
      fields: {
        total: { type: 'int', unit: 'bytes', help: 'All swap space' },
        used: { type: 'int', unit: 'bytes', help: 'Swap space in use' },
        free: { type: 'int', unit: 'bytes', help: 'Swap space that nothing uses' },
        used_percent: { type: 'float', unit: 'percent', help: '100 · used / total, 0 without swap' },
        in: { type: 'int', unit: 'bytes', kind: 'counter', help: 'Read back from swap since boot (Linux)' },
        out: { type: 'int', unit: 'bytes', kind: 'counter', help: 'Written to swap since boot (Linux)' },
      },
    },
  },
  create({ provider }, { host }) {
    if (isPortable(provider, host.platform)) {
      return {
        gather: async (acc) => {
          acc.add('swap', await readPortable());
        },
      };
    }
    let pageSize: number | undefined;
    return {
      gather(acc) {
        pageSize ??= readPageSize(host);
        const totals = readTotals(read(host, 'meminfo'));
        if (totals === undefined) {
          throw new Error(`No SwapTotal and SwapFree in ${host.proc}/meminfo; check what is mounted there`);
        }
        try {
          acc.add('swap', { ...totals, ...readTraffic(read(host, 'vmstat'), pageSize) });
        } catch (error) {
          acc.add('swap', totals);
          acc.error(error);
        }
      },
    };
  },
});

function read(host: Host, file: 'meminfo' | 'vmstat'): string {
  const path = `${host.proc}/${file}`;
  try {
    return host.readText(path);
  } catch (cause) {
    throw new Error(`Cannot read swap figures from ${path}; check that procfs is mounted there (HOST_PROC)`, { cause });
  }
}

const ARCHITECTURES_OF_32_BITS: readonly string[] = ['arm', 'ia32', 'mips', 'mipsel', 'ppc', 's390'];

/** Never changes while the kernel runs. A process that was given capabilities may not read its own vector. */
function readPageSize(host: Host): number {
  const size = ARCHITECTURES_OF_32_BITS.includes(process.arch) ? 4 : 8;
  try {
    return parsePageSize(host.read(`${host.proc}/self/auxv`), { size, endianness: endianness() }) ?? USUAL_PAGE_SIZE;
  } catch {
    return USUAL_PAGE_SIZE;
  }
}
