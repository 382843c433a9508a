/** A first look at this machine, before the agent has gathered twice. */
import { statfs } from 'node:fs/promises';
import { cpus, freemem, loadavg, totalmem } from 'node:os';

import { systemClock } from '../core/clock.ts';

interface Amount {
  readonly used: number;
  readonly total: number;
}

export interface Glance {
  /** Percent of all cores. */
  readonly cpu: number;
  /** Bytes; what can be reclaimed is not used. */
  readonly memory: Amount;
  /** Of the root file system; undefined where there is none. */
  readonly disk: Amount | undefined;
  /** Of the last minute. */
  readonly load: number;
}

/** CPU usage needs a span. ms */
const SPAN_MS = 500;

/** Begins to measure. @returns ends the measurement, after half a second at the earliest */
export function beginGlance(): () => Promise<Glance> {
  const begun = systemClock.elapsed();
  const before = cpuTimes();
  return async () => {
    await systemClock.sleep(Math.max(0, begun + SPAN_MS - systemClock.elapsed()));
    const after = cpuTimes();
    const total = after.total - before.total;
    return {
      cpu: total <= 0 ? 0 : (1 - (after.idle - before.idle) / total) * 100,
      memory: { used: totalmem() - freemem(), total: totalmem() },
      disk: await rootDisk(),
      load: loadavg()[0] ?? 0,
    };
  };
}

function cpuTimes(): { readonly idle: number; readonly total: number } {
  const times = cpus().map((core) => core.times);
  const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
  return { idle: sum(times.map(({ idle }) => idle)), total: sum(times.flatMap((each) => Object.values(each))) };
}

async function rootDisk(): Promise<Amount | undefined> {
  try {
    const { blocks, bfree, bsize } = await statfs('/');
    return { used: (blocks - bfree) * bsize, total: blocks * bsize };
  } catch {
    return undefined; // Windows
  }
}
