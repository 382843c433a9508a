import { numberAfter } from './lines.ts';

/**
 * How much swap there is and is used, from the text of /proc/meminfo. Bytes. A host without swap has 0 of it.
 *
 * @returns undefined if the text does not say, which no kernel's does
 */
export function readTotals(meminfo: string) {
  const total = numberAfter(meminfo, 'SwapTotal:');
  const free = numberAfter(meminfo, 'SwapFree:');
  return total === undefined || free === undefined ? undefined : swapTotals(1024 * total, 1024 * free);
}

/** @param free bytes; more than the total counts as all of it */
export function swapTotals(total: number, free: number) {
  const used = Math.max(0, total - free);
  return { total, used, free: total - used, used_percent: total === 0 ? 0 : (100 * used) / total };
}

/** What went in and out since boot, from the text of /proc/vmstat. Bytes; undefined where the kernel does not count it. */
export function readTraffic(vmstat: string, pageSize: number) {
  const bytes = (key: string) => {
    const pages = numberAfter(vmstat, key);
    return pages === undefined ? undefined : pages * pageSize;
  };
  return { in: bytes('pswpin '), out: bytes('pswpout ') };
}
