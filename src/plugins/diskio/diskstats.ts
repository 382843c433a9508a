/** One line of /proc/diskstats. Format: the kernel's Documentation/admin-guide/iostats.rst. */
export interface DiskStats {
  readonly name: string;
  readonly major: number;
  readonly minor: number;
  readonly counters: DiskCounters;
}

/** Field → the kernel's counter since the device appeared. Times in ms. */
export interface DiskCounters {
  readonly reads: number;
  readonly writes: number;
  readonly read_bytes: number;
  readonly write_bytes: number;
  readonly read_time: number;
  readonly write_time: number;
  readonly io_time: number;
  readonly weighted_io_time: number;
  readonly iops_in_progress: number;
  readonly merged_reads: number;
  readonly merged_writes: number;
}

/** Sectors are 512 bytes here, whatever the device reports. */
const SECTOR = 512;

/** Devices with any I/O, in file order. Lines that are malformed or all zero are skipped. */
export function parseDiskstats(text: string): DiskStats[] {
  const devices: DiskStats[] = [];
  for (const line of text.split('\n')) {
    const device = parseLine(line);
    if (device !== undefined) devices.push(device);
  }
  return devices;
}

function parseLine(line: string): DiskStats | undefined {
  const [major, minor, name, ...rest] = line.trim().split(/\s+/);
  if (name === undefined || rest.length < 11) return undefined;
  const at = (column: number) => Number(rest[column]);
  const counters = {
    reads: at(0),
    writes: at(4),
    read_bytes: at(2) * SECTOR,
    write_bytes: at(6) * SECTOR,
    read_time: at(3),
    write_time: at(7),
    io_time: at(9),
    weighted_io_time: at(10),
    iops_in_progress: at(8),
    merged_reads: at(1),
    merged_writes: at(5),
  };
  const values = Object.values(counters);
  if (!values.every((value) => value >= 0 && value < Infinity) || values.every((value) => value === 0))
    return undefined;
  return { name, major: Number(major), minor: Number(minor), counters };
}

const MONOTONIC = ['reads', 'writes', 'read_time', 'write_time', 'io_time'] as const;

/**
 * Derived fields between two samples: the mean time per operation as seen by programs (`io_await`) and by the device
 * (`io_svctm`), both in ms and only if there was an operation, and the share of time the device was busy (`io_util`).
 *
 * @param elapsed ms between the samples
 * @returns undefined if a counter went backwards: the device was replaced or the counter wrapped
 */
export function rates(now: DiskCounters, before: DiskCounters, elapsed: number) {
  if (MONOTONIC.some((field) => now[field] < before[field])) return undefined;
  const operations = now.reads - before.reads + (now.writes - before.writes);
  const busy = now.io_time - before.io_time;
  const waited = now.read_time - before.read_time + (now.write_time - before.write_time);
  return {
    io_await: operations > 0 ? round(waited / operations) : undefined,
    io_svctm: operations > 0 ? round(busy / operations) : undefined,
    io_util: elapsed > 0 ? (100 * busy) / elapsed : undefined,
  };
}

/** Rounds to 0.1 µs, which is finer than the kernel's counters and keeps lines short. */
function round(ms: number): number {
  return Math.round(ms * 1e4) / 1e4;
}
