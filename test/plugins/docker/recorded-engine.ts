/** Recorded answers of Docker 20.10 with five containers. */
import type { ContainerStats } from '../../../src/plugins/docker/api/answers.ts';

import type { Answer } from './engine-server.ts';
import { fixture, stats } from './fixtures.ts';

interface Summary {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly State: string;
}

const CONTAINERS = fixture('containers') as readonly Summary[];
export const NAMES = ['idle', 'netted', 'hostnet', 'stopped', 'checked'];

export function containerId(name: string): string {
  return CONTAINERS.find(({ Names }) => Names.includes(`/${name}`))!.Id;
}

/** The answers for `serveEngine`. */
export function recordedEngine(): Record<string, unknown> {
  const answers: Record<string, unknown> = {
    '/info': fixture('info'),
    '/containers/json': list,
    '/system/df': fixture('disk-usage'),
  };
  for (const name of NAMES) {
    answers[`/containers/${containerId(name)}/json`] = fixture(`inspect.${name}`);
    answers[`/containers/${containerId(name)}/stats`] = recordedStats(name);
  }
  return answers;
}

/** Filters as the daemon does. */
const list: Answer = (_request, _response, url) => {
  const filters = JSON.parse(url.searchParams.get('filters') ?? '{}') as { status?: string[]; id?: string[] };
  return CONTAINERS.filter(
    ({ Id, State }) => (filters.status?.includes(State) ?? true) && (filters.id?.includes(Id) ?? true),
  );
};

/** Each call returns the next recorded sample of the container. */
function recordedStats(name: string): Answer {
  let call = 0;
  return () => {
    call = Math.min(call + 1, 2);
    if (name === 'hostnet') return fixture('host-network');
    return fixture(`cgroup-v1.${name === 'netted' ? 'netted' : 'idle'}.${call}`);
  };
}

/** A busy container: each call adds 250 ms of CPU time, while the host's four CPUs together advance by 4 s. */
export function workingStats(): Answer {
  const first = stats('cgroup-v2');
  let call = 0;
  return (): ContainerStats => {
    call += 1;
    const { cpu_stats } = first;
    const { cpu_usage, system_cpu_usage = 0 } = cpu_stats;
    return {
      ...first,
      read: new Date().toISOString(),
      cpu_stats: {
        ...cpu_stats,
        cpu_usage: { ...cpu_usage, total_usage: cpu_usage.total_usage + call * 250e6 },
        system_cpu_usage: system_cpu_usage + call * 4e9,
      },
    };
  };
}
