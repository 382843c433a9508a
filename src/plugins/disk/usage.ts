/** The result of statfs(2), with the names of `node:fs`. */
export interface Statfs {
  readonly bsize: number;
  readonly blocks: number;
  readonly bfree: number;
  readonly bavail: number;
  readonly files: number;
  readonly ffree: number;
}

/**
 * The fields of one file system. `free` is the space for unprivileged users, so blocks reserved for root are in neither
 * `used` nor `free`, and `used_percent` matches df. Exact, because block sizes are powers of two.
 *
 * @param hasInodes false on Windows, where Node says 0
 * @returns undefined for pseudo file systems, which have no blocks
 */
export function usageOf({ bsize, blocks, bfree, bavail, files, ffree }: Statfs, hasInodes = true) {
  const total = blocks * bsize;
  if (!(total > 0)) return undefined;
  const used = (blocks - bfree) * bsize;
  const free = bavail * bsize;
  const inodesUsed = files - ffree;
  return {
    total,
    free,
    used,
    used_percent: percent(used, free),
    ...(hasInodes && {
      inodes_total: files,
      inodes_free: ffree,
      inodes_used: inodesUsed,
      inodes_used_percent: percent(inodesUsed, ffree),
    }),
  };
}

function percent(used: number, free: number): number {
  return used + free > 0 ? (100 * used) / (used + free) : 0;
}
