import { endianness } from 'node:os';

import { asksWindows, defineInput, isPortable, provider, z, type Host } from '../../plugin/index.ts';

import { parsePageSize, DEFAULT_PAGE_SIZE } from './auxv.ts';
import { readPortable } from './portable.ts';
import { readTotals, readTraffic } from './swap.ts';
import { readWindows } from './windows.ts';

/** Swap space. Sources: proc(5), SwapTotal and SwapFree of /proc/meminfo, pswpin and pswpout of /proc/vmstat. */
export const swap = defineInput({
  name: 'swap',
  summary: 'Swap space: total, used, free, and swap-in and swap-out traffic',
  config: z.strictObject({ provider: provider() }),
  metrics: {
    swap: {
      fields: {
        total: { type: 'int', unit: 'bytes', help: 'Total swap space' },
        used: { type: 'int', unit: 'bytes', help: 'Used swap space' },
        free: { type: 'int', unit: 'bytes', help: 'Free swap space' },
        used_percent: { type: 'float', unit: 'percent', help: '100 · used / total; 0 without swap' },
        in: {
          type: 'int',
          unit: 'bytes',
          kind: 'counter',
          help: 'Bytes swapped in since boot (Linux); read from disk at page faults (Windows)',
        },
        out: {
          type: 'int',
          unit: 'bytes',
          kind: 'counter',
          help: 'Bytes swapped out since boot (Linux); modified pages written to disk (Windows)',
        },
      },
    },
  },
  create({ provider }, { host, windows }) {
    if (asksWindows(provider, host.platform)) {
      return {
        gather: async (acc, signal) => {
          acc.add('swap', await readWindows(windows, signal));
        },
      };
    }
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
    throw new Error(`Cannot read swap figures from ${path}; check that procfs is mounted there (HOST_PROC)`, {
      cause,
    });
  }
}

const ARCHITECTURES_32_BIT: readonly string[] = ['arm', 'ia32', 'mips', 'mipsel', 'ppc', 's390'];

/** Constant while the kernel runs. A process with file capabilities cannot read its own auxv. */
function readPageSize(host: Host): number {
  const size = ARCHITECTURES_32_BIT.includes(process.arch) ? 4 : 8;
  try {
    return parsePageSize(host.read(`${host.proc}/self/auxv`), { size, endianness: endianness() }) ?? DEFAULT_PAGE_SIZE;
  } catch {
    return DEFAULT_PAGE_SIZE;
  }
}
