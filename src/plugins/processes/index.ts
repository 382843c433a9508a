import { asksWindows, defineInput, isPortable, provider, z } from '../../plugin/index.ts';

import { countProcesses } from './native.ts';
import { countPortable } from './portable.ts';

/** Counts processes by state. Source: proc(5), section /proc/pid/stat. */
export const processes = defineInput({
  name: 'processes',
  summary: 'Processes by state, and the number of threads',
  config: z.strictObject({ provider: provider() }),
  metrics: {
    processes: {
      fields: {
        blocked: { type: 'int', unit: 'processes', help: 'In uninterruptible sleep, usually disk or network I/O' },
        zombies: { type: 'int', unit: 'processes', help: 'Exited, but not reaped by the parent' },
        stopped: { type: 'int', unit: 'processes', help: 'Stopped by a signal or a debugger' },
        running: { type: 'int', unit: 'processes', help: 'Running or waiting for a CPU' },
        sleeping: { type: 'int', unit: 'processes', help: 'In interruptible sleep' },
        total: { type: 'int', unit: 'processes', help: 'All processes, including kernel threads' },
        unknown: { type: 'int', unit: 'processes', help: 'State unknown or not readable' },
        dead: { type: 'int', unit: 'processes', help: 'Being removed (Linux)' },
        paging: { type: 'int', unit: 'processes', help: 'Paging (Linux before 2.6)' },
        total_threads: { type: 'int', unit: 'threads', help: 'Threads of all processes (Linux, Windows)' },
        idle: { type: 'int', unit: 'processes', help: 'Idle kernel threads, which do not count as load' },
        parked: {
          type: 'int',
          unit: 'processes',
          help: 'Kernel threads of offline CPUs (Linux; omitted when 0)',
        },
      },
    },
  },
  create({ provider }, { host, clock, windows }) {
    if (asksWindows(provider, host.platform)) {
      return {
        gather: async (acc, signal) => {
          acc.add('processes', totalsOf(await windows.ask('system', {}, signal)));
        },
      };
    }
    if (isPortable(provider, host.platform)) {
      return {
        gather: async (acc) => {
          acc.add('processes', await countPortable());
        },
      };
    }
    return {
      gather: async (acc, signal) => {
        const counts = await countProcesses(host.proc, clock, signal);
        if (counts.total === 0) throw new Error(`No process in ${host.proc}; check that procfs is mounted there`);
        acc.add('processes', { ...counts });
      },
    };
  },
});

/** Windows has no states of processes. @throws Error if the answer has not the counts */
function totalsOf([row]: readonly unknown[]) {
  const { Processes: total, Threads: threads } = (row ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof total !== 'number' || typeof threads !== 'number') throw new Error('Windows gave no count of processes');
  return { total, total_threads: threads };
}
