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

/** Without a usage, which the statistics of a container that is ending lack, nothing is made up; otherwise as in Telegraf. */
function unixFields(memory: MemoryStats, formula: MemoryFormula) {
  if (memory.usage === undefined) return { limit: memory.limit, max_usage: memory.max_usage };
  const { limit = 0, max_usage = 0, stats } = memory;
  const usage = memory.usage - cacheOf(stats ?? {}, memory.usage, formula);
  return { limit, max_usage, usage, usage_percent: limit === 0 ? 0 : (100 * usage) / limit };
}

function windowsFields({ commitbytes, commitpeakbytes, privateworkingset }: MemoryStats) {
  return { commit_bytes: commitbytes, commit_peak_bytes: commitpeakbytes, private_working_set: privateworkingset };
}

/** The page cache, which usage includes and the kernel reclaims on demand: the first known figure. */
function cacheOf(stats: Readonly<Record<string, number>>, usage: number, formula: MemoryFormula): number {
  const caches = [
    formula === 'telegraf' ? stats['cache'] : undefined,
    stats['total_inactive_file'],
    stats['inactive_file'],
  ];
  return caches.find((bytes) => bytes !== undefined && bytes < usage) ?? 0;
}
