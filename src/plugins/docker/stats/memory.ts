import type { MemoryStats } from '../api/answers.ts';

/** `telegraf` subtracts the whole page cache where the kernel reports it (cgroup v1), `docker_stats` only its inactive part. */
export type MemoryFormula = 'telegraf' | 'docker_stats';

/** Lines of memory.stat that become fields of the same name. cgroup v2 has seven of them. */
export const MEMORY_STAT_FIELDS = [
  'active_anon',
  'active_file',
  'cache',
  'hierarchical_memory_limit',
  'inactive_anon',
  'inactive_file',
  'mapped_file',
  'pgfault',
  'pgmajfault',
  'pgpgin',
  'pgpgout',
  'rss',
  'rss_huge',
  'unevictable',
  'writeback',
  'total_active_anon',
  'total_active_file',
  'total_cache',
  'total_inactive_anon',
  'total_inactive_file',
  'total_mapped_file',
  'total_pgfault',
  'total_pgmajfault',
  'total_pgpgin',
  'total_pgpgout',
  'total_rss',
  'total_rss_huge',
  'total_unevictable',
  'total_writeback',
] as const;

export function memoryFields(memory: MemoryStats, formula: MemoryFormula, isWindows: boolean) {
  return {
    ...statFields(memory.stats ?? {}),
    fail_count: memory.failcnt === 0 ? undefined : memory.failcnt,
    ...(isWindows ? windowsFields(memory) : unixFields(memory, formula)),
  };
}

function statFields(stats: Readonly<Record<string, number>>) {
  const fields: Partial<Record<(typeof MEMORY_STAT_FIELDS)[number], number>> = {};
  for (const name of MEMORY_STAT_FIELDS) {
    const value = stats[name];
    if (value !== undefined) fields[name] = value;
  }
  return fields;
}

function unixFields(memory: MemoryStats, formula: MemoryFormula) {
  const { limit = 0, max_usage = 0 } = memory;
  const usage = usageWithoutCache(memory, formula);
  return { limit, max_usage, usage, usage_percent: limit === 0 ? 0 : (100 * usage) / limit };
}

function windowsFields({ commitbytes, commitpeakbytes, privateworkingset }: MemoryStats) {
  return {
    commit_bytes: commitbytes ?? 0,
    commit_peak_bytes: commitpeakbytes ?? 0,
    private_working_set: privateworkingset ?? 0,
  };
}

/** Raw usage includes the page cache, which the kernel reclaims on demand. Subtracts the first known cache figure. */
function usageWithoutCache({ usage = 0, stats }: MemoryStats, formula: MemoryFormula): number {
  const caches = [
    formula === 'telegraf' ? stats?.['cache'] : undefined,
    stats?.['total_inactive_file'],
    stats?.['inactive_file'],
  ];
  const cache = caches.find((bytes) => bytes !== undefined && bytes < usage);
  return usage - (cache ?? 0);
}
