/** Our field → the line of /proc/meminfo. All are kB there and bytes here, except the two counts of huge pages. */
const LINES = {
  active: 'Active',
  inactive: 'Inactive',
  buffered: 'Buffers',
  commit_limit: 'CommitLimit',
  committed_as: 'Committed_AS',
  dirty: 'Dirty',
  free: 'MemFree',
  high_free: 'HighFree',
  high_total: 'HighTotal',
  low_free: 'LowFree',
  low_total: 'LowTotal',
  huge_page_size: 'Hugepagesize',
  mapped: 'Mapped',
  page_tables: 'PageTables',
  shared: 'Shmem',
  slab: 'Slab',
  sreclaimable: 'SReclaimable',
  sunreclaim: 'SUnreclaim',
  swap_cached: 'SwapCached',
  swap_free: 'SwapFree',
  swap_total: 'SwapTotal',
  vmalloc_chunk: 'VmallocChunk',
  vmalloc_total: 'VmallocTotal',
  vmalloc_used: 'VmallocUsed',
  write_back: 'Writeback',
  write_back_tmp: 'WritebackTmp',
} as const;

const EXTENDED_LINES = {
  active_file: 'Active(file)',
  inactive_file: 'Inactive(file)',
  active_anon: 'Active(anon)',
  inactive_anon: 'Inactive(anon)',
  unevictable: 'Unevictable',
  percpu: 'Percpu',
} as const;

/** Every field of the measurement from the text of /proc/meminfo. A line that this kernel does not have counts as 0. */
export function readMeminfo(text: string, extended: boolean) {
  const lines = parseMeminfo(text);
  const bytes = (line: string) => (lines.get(line) ?? 0) * 1024;
  const pick = <Field extends string>(table: Readonly<Record<Field, string>>) =>
    Object.fromEntries(Object.entries<string>(table).map(([field, line]) => [field, bytes(line)])) as Record<
      Field,
      number
    >;

  const total = bytes('MemTotal');
  const cached = bytes('Cached') + bytes('SReclaimable');
  // Kernels before 3.14 have no MemAvailable; free plus page cache is the classic estimate.
  const available = lines.has('MemAvailable') ? bytes('MemAvailable') : bytes('MemFree') + cached;
  const used = Math.max(0, total - available);
  return {
    total,
    available,
    used,
    used_percent: total === 0 ? 0 : (100 * used) / total,
    available_percent: total === 0 ? 0 : (100 * available) / total,
    cached,
    ...pick(LINES),
    huge_pages_free: lines.get('HugePages_Free') ?? 0,
    huge_pages_total: lines.get('HugePages_Total') ?? 0,
    ...(extended ? pick(EXTENDED_LINES) : {}),
  };
}

/** Line name → number as printed. Lines that are not `Name: number` are passed over. */
export function parseMeminfo(text: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const value = Number.parseInt(line.slice(colon + 1), 10);
    if (value >= 0 && value <= Number.MAX_SAFE_INTEGER / 1024) lines.set(line.slice(0, colon), value);
  }
  return lines;
}
