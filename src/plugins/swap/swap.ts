import { numberAfter } from './number-after.ts';

/**
 * Total and used swap in bytes, from /proc/meminfo. Without swap both are 0.
 *
 * @returns undefined if the lines are missing, which no kernel omits
 */
export function readTotals(meminfo: string) {
  const total = numberAfter(meminfo, 'SwapTotal:');
  const free = numberAfter(meminfo, 'SwapFree:');
  return total === undefined || free === undefined ? undefined : swapTotals(1024 * total, 1024 * free);
}

/** @param free bytes; capped at `total` */
export function swapTotals(total: number, free: number) {
  const used = Math.max(0, total - free);
  return { total, used, free: total - used, used_percent: total === 0 ? 0 : (100 * used) / total };
}

/** Bytes swapped in and out since boot, from /proc/vmstat; undefined if the kernel does not count them. */
export function readTraffic(vmstat: string, pageSize: number) {
  const bytes = (key: string) => {
    const pages = numberAfter(vmstat, key);
    return pages === undefined ? undefined : pages * pageSize;
  };
  return { in: bytes('pswpin '), out: bytes('pswpout ') };
}
