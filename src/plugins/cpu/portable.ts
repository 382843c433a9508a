import { cpus } from 'node:os';

import { COLUMNS, TICKS_PER_SECOND, type CpuSample, type CpuTimes } from './stat.ts';

/**
 * Node's own counters, in the form of /proc/stat. systeminformation reads them too, but keeps the previous sample once per
 * process, so that two inputs would shorten each other's interval. Columns that the platform does not have stay 0.
 */
export function readPortable(): CpuSample {
  const sample = new Map<string, CpuTimes>();
  const sum = ticks({ user: 0, nice: 0, sys: 0, idle: 0, irq: 0 });
  for (const [index, { times }] of cpus().entries()) {
    const one = ticks(times);
    sample.set(`cpu${index}`, one);
    for (const column of COLUMNS) sum[column] += one[column];
  }
  return sample.set('cpu-total', sum);
}

/** Converts the milliseconds of `os.cpus()`. */
function ticks({ user, nice, sys, idle, irq }: ReturnType<typeof cpus>[number]['times']) {
  const of = (ms: number) => (ms * TICKS_PER_SECOND) / 1000;
  return {
    user: of(user),
    nice: of(nice),
    system: of(sys),
    idle: of(idle),
    iowait: 0,
    irq: of(irq),
    softirq: 0,
    steal: 0,
    guest: 0,
    guest_nice: 0,
  };
}
