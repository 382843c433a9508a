import type { Host } from '../../plugin/index.ts';

/**
 * Bytes that ZFS's cache (ARC) gives back under memory pressure: its size beyond its minimum. The kernel counts the ARC as
 * used, and not in MemAvailable. Source: /proc/spl/kstat/zfs/arcstats of OpenZFS, whose lines are `name type value`.
 *
 * @returns 0 without ZFS, and in a container whose meminfo is not the host's, as the ARC always is
 */
export function reclaimableArc(host: Host): number {
  const text = host.readOptional(`${host.proc}/spl/kstat/zfs/arcstats`);
  if (text === '' || isVirtual(`${host.proc}/meminfo`, host)) return 0;
  const [size, minimum] = [statistic(text, 'size'), statistic(text, 'c_min')];
  return size === undefined || minimum === undefined ? 0 : Math.max(0, size - minimum);
}

/** LXCFS mounts a file of the container's own limits over meminfo. */
function isVirtual(path: string, host: Host): boolean {
  const mounts = host.readOptional(`${host.proc}/self/mountinfo`).split('\n');
  return mounts.some((line) => line.split(' ')[4] === path);
}

function statistic(text: string, name: string): number | undefined {
  const value = new RegExp(`^${name}\\s+\\d+\\s+(\\d+)$`, 'm').exec(text)?.[1];
  return value === undefined || !Number.isSafeInteger(Number(value)) ? undefined : Number(value);
}
