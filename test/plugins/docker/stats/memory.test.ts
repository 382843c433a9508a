import { expect, test } from '@jest/globals';

import { memoryFields } from '../../../../src/plugins/docker/stats/memory.ts';
import { stats } from '../fixtures.ts';

test('cgroup v1: usage excludes the whole page cache, or only its inactive part', () => {
  const { memory_stats } = stats('cgroup-v1.idle.2');
  const cached = {
    ...memory_stats,
    usage: 1000,
    stats: { ...memory_stats.stats, cache: 600, total_inactive_file: 200 },
  };
  expect(memoryFields(cached, 'telegraf', false)).toMatchObject({ usage: 400 });
  expect(memoryFields(cached, 'docker_stats', false)).toMatchObject({ usage: 800 });
  expect(memoryFields(memory_stats, 'telegraf', false)).toMatchObject({
    limit: 67108864,
    hierarchical_memory_limit: 67108864,
    usage: 708608,
    usage_percent: (100 * 708608) / 67108864,
  });
});

test('cgroup v2: seven lines of memory.stat; usage excludes inactive files', () => {
  expect(memoryFields(stats('cgroup-v2').memory_stats, 'telegraf', false)).toEqual({
    active_anon: 4096,
    active_file: 20971520,
    inactive_anon: 60813312,
    inactive_file: 10485760,
    pgfault: 20000,
    pgmajfault: 12,
    unevictable: 0,
    limit: 1073741824,
    max_usage: 0,
    usage: 94371840,
    usage_percent: 8.7890625,
  });
});

test('a cache figure larger than the usage is skipped', () => {
  const memory = { usage: 100, limit: 1000, stats: { cache: 150, total_inactive_file: 30 } };
  expect(memoryFields(memory, 'telegraf', false)).toMatchObject({ usage: 70, usage_percent: 7 });
});

test('fail_count is omitted when 0', () => {
  expect(memoryFields({ failcnt: 0 }, 'telegraf', false).fail_count).toBeUndefined();
  expect(memoryFields({ failcnt: 3 }, 'telegraf', false).fail_count).toBe(3);
});

test('Podman sends no memory.stat; without a limit usage_percent is 0', () => {
  expect(memoryFields(stats('podman').memory_stats, 'telegraf', false)).toMatchObject({ usage: 2097152 });
  expect(memoryFields({ usage: 5 }, 'telegraf', false)).toMatchObject({ limit: 0, usage_percent: 0 });
});

test('C-019: what empty statistics do not say is left out', () => {
  for (const isWindows of [false, true]) {
    const known = Object.entries(memoryFields({}, 'telegraf', isWindows)).filter(([, value]) => value !== undefined);
    expect(known).toEqual([]);
  }
  expect(memoryFields({ limit: 5 }, 'telegraf', false)).toEqual({ limit: 5 });
});

test('Windows: commit and private working set', () => {
  const { fail_count, ...fields } = memoryFields(stats('windows').memory_stats, 'telegraf', true);
  expect(fail_count).toBeUndefined();
  expect(fields).toEqual({ commit_bytes: 77160448, commit_peak_bytes: 105000960, private_working_set: 59961344 });
});
