/** 100 ns. */
const TICKS_PER_MS = 10_000;

/** Field → property of Win32_PerfRawData_PerfDisk_LogicalDisk. Raw: the names end with "per second", the values count. */
const COUNTS = {
  reads: 'DiskReadsPersec',
  writes: 'DiskWritesPersec',
  read_bytes: 'DiskReadBytesPersec',
  write_bytes: 'DiskWriteBytesPersec',
} as const;

const TIMES = {
  read_time: 'PercentDiskReadTime',
  write_time: 'PercentDiskWriteTime',
  weighted_io_time: 'PercentDiskTime',
} as const;

type Row = Readonly<Record<string, unknown>>;

interface Before {
  readonly idle: number;
  readonly at: number;
  readonly operations: number;
  readonly busy: number;
}

/**
 * The counters of the drives, as `C:`; those of a volume without a letter are left out.
 *
 * @param isSelected undefined: all
 */
export function createWindowsDisks(isSelected: ((name: string) => boolean) | undefined) {
  let before = new Map<string, Before>();
  return (rows: readonly unknown[]) => {
    const now = new Map<string, Before>();
    const disks = (rows as readonly Row[]).filter(({ Name: name }) => isDrive(name) && (isSelected?.(name) ?? true));
    const report = disks.map((row) => {
      const name = row['Name'] as string;
      const counts = pick(row, COUNTS, 1);
      const times = pick(row, TIMES, TICKS_PER_MS);
      const current: Before = {
        idle: numberOf(row, 'PercentIdleTime'),
        at: numberOf(row, 'Timestamp_Sys100NS'),
        operations: counts.reads + counts.writes,
        busy: times.read_time + times.write_time,
      };
      now.set(name, current);
      const fields = { ...counts, ...times, iops_in_progress: numberOf(row, 'CurrentDiskQueueLength') };
      return { name, fields: { ...fields, ...rates(current, before.get(name)) } };
    });
    before = now;
    return report;
  };
}

function isDrive(name: unknown): name is string {
  return typeof name === 'string' && /^[A-Z]:$/.test(name);
}

/** Since the gather before. Counters of operations have 32 bits: an interval in which they wrap has no mean. */
function rates(now: Before, before: Before | undefined) {
  if (before === undefined || now.at <= before.at) return {};
  const operations = now.operations - before.operations;
  const idle = (now.idle - before.idle) / (now.at - before.at);
  return {
    io_util: Math.min(100, Math.max(0, 100 * (1 - idle))),
    io_await: operations > 0 ? (now.busy - before.busy) / operations : operations === 0 ? 0 : undefined,
  };
}

function pick<Name extends string>(
  row: Row,
  names: Readonly<Record<Name, string>>,
  unit: number,
): Record<Name, number> {
  const entries = Object.entries<string>(names).map(([field, property]) => [
    field,
    Math.floor(numberOf(row, property) / unit),
  ]);
  return Object.fromEntries(entries) as Record<Name, number>;
}

function numberOf(row: Row, property: string): number {
  const value = row[property];
  if (typeof value !== 'number') throw new Error(`Windows gave no ${property} of the drive ${String(row['Name'])}`);
  return value;
}
