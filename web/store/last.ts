/** The newest values of series that the stream does not have each second: from the history, every ten seconds. */
import { computed, effect, signal } from '@preact/signals';

import type { QueryAnswer, QueryFunction } from '../api/answers.ts';
import { get } from '../api/client.ts';
import { shownMoment } from '../chart/cursor.ts';

import { agentTime } from './clock.ts';
import { namesIn } from './catalog.ts';
import { MOST_SERIES } from './history.ts';
import { host, ring, tick } from './live.ts';

const REFRESH_MS = 10_000;
const FRESH_MS = 90_000;

const polled = signal<ReadonlyMap<string, number>>(new Map());

const wanted = computed<readonly string[]>(() => [
  ...namesIn('disk', 'used_percent'),
  ...namesIn('disk', 'free'),
  ...namesIn('docker_container_cpu', 'usage_percent', ({ cpu = '' }) => cpu === 'cpu-total'),
  ...namesIn('docker_container_mem', 'usage'),
  ...namesIn('docker_container_status', 'uptime_ns'),
  ...namesIn('docker_container_status', 'exitcode'),
  ...namesIn('docker_container_status', 'restart_count'),
]);

/** The newest value; NaN if there is none. Read inside of a computed it follows. */
export function lastOf(name: string): number {
  const live = tick.value === 0 ? NaN : ring.last(name, FRESH_MS);
  return Number.isNaN(live) ? (polled.value.get(name) ?? NaN) : live;
}

/** @returns ends it */
export function followLast(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const load = async () => {
    const names = wanted.peek().filter((name) => !ring.has(name));
    try {
      if (names.length > 0 && shownMoment.peek() === undefined)
        polled.value = await lastValues(names, agentTime(), FRESH_MS);
    } catch {
      // Values stay as they were; the next round asks again.
    }
    timer = setTimeout(() => void load(), REFRESH_MS);
  };
  const end = effect(() => {
    if (wanted.value.length === 0 || host.value === undefined) return;
    clearTimeout(timer);
    timer = setTimeout(() => void load());
  });
  return () => {
    end();
    clearTimeout(timer);
  };
}

/** The newest value of each series within the last minutes; NaN where there is none. @throws ApiError */
async function lastValues(
  names: readonly string[],
  now: number,
  withinMs: number,
): Promise<ReadonlyMap<string, number>> {
  const result = new Map<string, number>();
  for (let start = 0; start < names.length; start += MOST_SERIES) {
    const part = names.slice(start, start + MOST_SERIES);
    const range = { from: Math.floor(now - withinMs), to: Math.ceil(now), width: 1 };
    const answer = await get<QueryAnswer>('query', { s: part, ...range, fn: 'last' satisfies QueryFunction });
    for (const { name, values } of answer.series) {
      result.set(name, values.last?.findLast((value) => value !== null) ?? NaN);
    }
  }
  return result;
}
