/** Columns of a `cpu` line of /proc/stat, in the kernel's order. Older kernels print fewer; missing columns count as 0. */
export const COLUMNS = [
  'user',
  'nice',
  'system',
  'idle',
  'iowait',
  'irq',
  'softirq',
  'steal',
  'guest',
  'guest_nice',
] as const;

export type Column = (typeof COLUMNS)[number];

/** What hypervisors report, and sometimes absurdly. An absurd value is NaN, and costs only its column. */
export const FROM_HYPERVISOR: readonly Column[] = ['steal', 'guest', 'guest_nice'];

/** Time since boot by column, in ticks of 1/100 s. */
export type CpuTimes = Readonly<Record<Column, number>>;

/** Series name (`cpu0`, …, `cpu-total`) → times, in the kernel's order. */
export type CpuSample = ReadonlyMap<string, CpuTimes>;

/** USER_HZ: the unit of /proc/stat, part of the kernel's ABI and 100 on every platform that Node runs on. */
export const TICKS_PER_SECOND = 100;

const NEWLINE = 0x0a;
const SPACE = 0x20;
const ZERO = 0x30;
const NINE = 0x39;

/** user, nice, system and idle exist since Linux 2.4; a line with fewer numbers is malformed. */
const LEAST_COLUMNS = 4;

/**
 * Parses the `cpu` lines, which come first, and nothing after them: the following `intr` line may be a hundred kilobytes
 * long. Malformed lines are skipped.
 */
export function parseCpuTimes(stat: Uint8Array): CpuSample {
  const sample = new Map<string, CpuTimes>();
  let start = 0;
  while (stat[start] === 0x63 && stat[start + 1] === 0x70 && stat[start + 2] === 0x75) {
    const newline = stat.indexOf(NEWLINE, start);
    const end = newline === -1 ? stat.length : newline;
    const nameEnd = skipDigits(stat, start + 3, end);
    const times = stat[nameEnd] === SPACE ? parseColumns(stat, nameEnd, end) : undefined;
    if (times !== undefined) sample.set(seriesName(stat, start + 3, nameEnd), times);
    start = end + 1;
  }
  return sample;
}

function seriesName(stat: Uint8Array, start: number, end: number): string {
  if (start === end) return 'cpu-total';
  return `cpu${String.fromCharCode(...stat.subarray(start, Math.min(end, start + 10)))}`;
}

/** @returns undefined if the line contains anything but numbers, or too few of them */
function parseColumns(stat: Uint8Array, start: number, end: number): CpuTimes | undefined {
  const times = emptyTimes();
  let at = start;
  let count = 0;
  for (const column of COLUMNS) {
    while (at < end && stat[at] === SPACE) at += 1;
    if (at === end) break;
    const numberEnd = skipDigits(stat, at, end);
    const value = parseNumber(stat, at, numberEnd);
    if (value === undefined || (numberEnd < end && stat[numberEnd] !== SPACE)) return undefined;
    if (Number.isNaN(value) && !FROM_HYPERVISOR.includes(column)) return undefined;
    times[column] = value;
    count += 1;
    at = numberEnd;
  }
  return count >= LEAST_COLUMNS ? times : undefined;
}

function skipDigits(stat: Uint8Array, start: number, end: number): number {
  let at = start;
  for (let byte = stat[at]; at < end && byte !== undefined && byte >= ZERO && byte <= NINE; byte = stat[at]) at += 1;
  return at;
}

/** @returns undefined if there are no digits, NaN for a number beyond the safe integers: 28 million years */
function parseNumber(stat: Uint8Array, start: number, end: number): number | undefined {
  if (start === end) return undefined;
  let value = 0;
  for (let at = start; at < end; at += 1) value = value * 10 + ((stat[at] ?? ZERO) - ZERO);
  return value <= Number.MAX_SAFE_INTEGER ? value : Number.NaN;
}

function emptyTimes(): Record<Column, number> {
  return { user: 0, nice: 0, system: 0, idle: 0, iowait: 0, irq: 0, softirq: 0, steal: 0, guest: 0, guest_nice: 0 };
}
