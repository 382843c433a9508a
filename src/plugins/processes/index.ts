import { defineInput, isPortable, provider, z } from '../../plugin/index.ts';

import { countProcesses } from './native.ts';
import { countPortable } from './portable.ts';

/** How many processes are in which state. Source: proc(5), section /proc/pid/stat. */
export const processes = defineInput({
  name: 'processes',
  summary: 'Processes by state, and the number of threads',
  config: z.strictObject({ provider: provider() }),
  metrics: {
    processes: {
      fields: {
        blocked: { type: 'int', unit: 'processes', help: 'Wait for a disk or another device; no signal wakes them' },
        zombies: { type: 'int', unit: 'processes', help: 'Ended, but the parent has not asked how' },
        stopped: { type: 'int', unit: 'processes', help: 'Stopped by a signal or a debugger' },
        running: { type: 'int', unit: 'processes', help: 'Run or wait for a CPU' },
        sleeping: { type: 'int', unit: 'processes', help: 'Wait for something to happen' },
        total: { type: 'int', unit: 'processes', help: 'All processes, kernel threads included' },
        unknown: { type: 'int', unit: 'processes', help: 'In a state that is not known or may not be read' },
        dead: { type: 'int', unit: 'processes', help: 'Being removed (Linux)' },
        paging: { type: 'int', unit: 'processes', help: 'Being paged in (Linux before 2.6)' },
        total_threads: { type: 'int', unit: 'threads', help: 'Threads of all processes (Linux)' },
        idle: { type: 'int', unit: 'processes', help: 'Kernel threads that wait without counting as load' },
        parked: {
          type: 'int',
          unit: 'processes',
          help: 'Kernel threads of CPUs that are off (Linux, left out when 0)',
        },
      },
    },
  },
  create({ provider }, { host, clock }) {
    if (isPortable(provider, host.platform)) {
      return {
        gather: async (acc) => {
          acc.add('processes', await countPortable(host.platform));
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
