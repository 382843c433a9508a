/** The containers of the host, from what the input `docker` measures. */
import type { SeriesSetInfo } from '../api/answers.ts';

import { setsOf } from './catalog.ts';
import { lastOf } from './last.ts';
import { seriesName } from './series-name.ts';

const NS_PER_MS = 1e6;
/** A container that left the list of the daemon is no longer shown. */
const GONE_MS = 600_000;

export interface Container {
  readonly name: string;
  readonly image: string;
  /** `running`, `exited`, `restarting`, …, as the daemon says. */
  readonly status: string;
  /** Percent; 100 is one core. */
  readonly cpu: number;
  readonly memory: number;
  readonly upMs: number;
  readonly exitCode: number;
  readonly restarts: number;
}

/** Those with trouble first, then the busiest. Read inside of a computed it follows. */
export function containersNow(): readonly Container[] {
  return newestStates()
    .map(containerOf)
    .filter(({ status }) => status !== 'removed')
    .sort((a, b) => rank(b) - rank(a));
}

function containerOf({ tags }: SeriesSetInfo): Container {
  const name = tags['container_name'] ?? '';
  const state = (field: string) => lastOf(seriesName('docker_container_status', field, tags));
  return {
    name,
    image: tags['container_image'] ?? '',
    status: tags['container_status'] ?? '',
    cpu: valueOf('docker_container_cpu', 'usage_percent', name),
    memory: valueOf('docker_container_mem', 'usage', name),
    upMs: state('uptime_ns') / NS_PER_MS,
    exitCode: state('exitcode'),
    restarts: state('restart_count'),
  };
}

/** A container has one series for each state it was in; the newest counts. */
function newestStates(): readonly SeriesSetInfo[] {
  const newest = new Map<string, SeriesSetInfo>();
  const all = setsOf('docker_container_status');
  const now = Math.max(0, ...all.map(({ lastAt }) => lastAt));
  for (const set of all) {
    const name = set.tags['container_name'] ?? '';
    const before = newest.get(name);
    if (now - set.lastAt < GONE_MS && (before === undefined || before.lastAt < set.lastAt)) newest.set(name, set);
  }
  return [...newest.values()];
}

function valueOf(measurement: string, field: string, container: string): number {
  const set = setsOf(measurement).find(
    ({ tags }) => tags['container_name'] === container && (tags['cpu'] ?? 'cpu-total') === 'cpu-total',
  );
  return set === undefined ? NaN : lastOf(seriesName(measurement, field, set.tags));
}

export function isFailed({ status, exitCode }: Pick<Container, 'status' | 'exitCode'>): boolean {
  return status === 'restarting' || status === 'dead' || (status === 'exited' && exitCode > 0);
}

function rank(container: Container): number {
  return (isFailed(container) ? 1e6 : 0) + (Number.isFinite(container.cpu) ? container.cpu : -1);
}
