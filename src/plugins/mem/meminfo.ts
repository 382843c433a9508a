/**
 * All fields of the measurement, from the text of /proc/meminfo. Lines that the kernel does not print count as 0.
 *
 * @param reclaimable bytes that the kernel counts as used, but would get back
 */
export function readMeminfo(text: string, extended: boolean, reclaimable: number) {
  const lines = parseMeminfo(text);
  const count = (line: string) => lines.get(line) ?? 0;
  const bytes = (line: string) => count(line) * 1024;

  const total = bytes('MemTotal');
  const cached = bytes('Cached') + bytes('SReclaimable');
  // Kernels before 3.14 have no MemAvailable; free plus page cache is the classic estimate.
  const known = lines.has('MemAvailable') ? bytes('MemAvailable') : bytes('MemFree') + cached;
  const available = reclaimable === 0 ? known : Math.min(total, known + reclaimable);
  const used = Math.max(0, total - available);
  const fields = {
    total,
    available,
    used,
    used_percent: total === 0 ? 0 : (100 * used) / total,
    available_percent: total === 0 ? 0 : (100 * available) / total,
    cached,
    active: bytes('Active'),
    inactive: bytes('Inactive'),
    buffered: bytes('Buffers'),
    commit_limit: bytes('CommitLimit'),
    committed_as: bytes('Committed_AS'),
    dirty: bytes('Dirty'),
    free: bytes('MemFree'),
    high_free: bytes('HighFree'),
    high_total: bytes('HighTotal'),
    low_free: bytes('LowFree'),
    low_total: bytes('LowTotal'),
    huge_page_size: bytes('Hugepagesize'),
    mapped: bytes('Mapped'),
    page_tables: bytes('PageTables'),
    shared: bytes('Shmem'),
    slab: bytes('Slab'),
    sreclaimable: bytes('SReclaimable'),
    sunreclaim: bytes('SUnreclaim'),
    swap_cached: bytes('SwapCached'),
    swap_free: bytes('SwapFree'),
    swap_total: bytes('SwapTotal'),
    vmalloc_chunk: bytes('VmallocChunk'),
    vmalloc_total: bytes('VmallocTotal'),
    vmalloc_used: bytes('VmallocUsed'),
    write_back: bytes('Writeback'),
    write_back_tmp: bytes('WritebackTmp'),
    huge_pages_free: count('HugePages_Free'),
    huge_pages_total: count('HugePages_Total'),
  };
  if (!extended) return fields;
  return {
    ...fields,
    active_file: bytes('Active(file)'),
    inactive_file: bytes('Inactive(file)'),
    active_anon: bytes('Active(anon)'),
    inactive_anon: bytes('Inactive(anon)'),
    unevictable: bytes('Unevictable'),
    percpu: bytes('Percpu'),
  };
}

/** Line name → number as printed. Lines other than `Name: number` are skipped. */
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
