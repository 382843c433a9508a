/** Containers that failed, that are restarted again and again, or that fail their health check. */
import type { Finding } from '../../api/host.ts';
import type { Metric } from '../../metric/metric.ts';
import { bounded, counted, evidence, named } from '../check.ts';

import { numberOf } from './usage.ts';

const UNHEALTHY = 'unhealthy';

/** @param statuses newest samples of `docker_container_status` @param healths of `docker_container_health` */
export function troubledContainers(statuses: readonly Metric[], healths: readonly Metric[]): readonly Finding[] {
  return [...newestOfEach(statuses).flatMap(stateOf), ...newestOfEach(healths).flatMap(healthOf)];
}

/** The state is a tag, so a container that changes it has several series. */
function newestOfEach(metrics: readonly Metric[]): readonly Metric[] {
  const newest = new Map<string, Metric>();
  for (const metric of metrics) {
    const name = metric.tags['container_name'];
    if (name === undefined) continue;
    const before = newest.get(name);
    if (before === undefined || before.time < metric.time) newest.set(name, metric);
  }
  return [...newest.values()];
}

function stateOf({ tags, fields }: Metric): readonly Finding[] {
  const name = tags['container_name'] ?? '';
  const restarts = numberOf(fields['restart_count']) ?? 0;
  const code = numberOf(fields['exitcode']);
  const exit = fields['oomkilled'] === true ? 'killed for want of memory' : code && `exit code ${code}`;
  const image = bounded(tags['container_image'] ?? '');
  const base = { evidence: evidence(exit === 0 ? undefined : exit, image), since: endOf(fields['finished_at']) };
  if (tags['container_status'] === 'restarting') {
    const times = restarts === 0 ? '' : `, ${counted(restarts, 'time')} so far`;
    const sentence = ['Container ', named(name), ` ends and is restarted again and again${times}.`];
    return [{ ...base, id: `container:${name}`, level: 'warning', sentence }];
  }
  if (fields['failed'] !== true || tags['container_status'] === 'running') return [];
  return [
    {
      ...base,
      id: `container:${name}`,
      level: 'warning',
      sentence: ['Container ', named(name), ' failed and does not run.'],
    },
  ];
}

function healthOf({ tags, fields }: Metric): readonly Finding[] {
  const name = tags['container_name'] ?? '';
  if (fields['health_status'] !== UNHEALTHY) return [];
  const streak = numberOf(fields['failing_streak']) ?? 0;
  return [
    {
      id: `health:${name}`,
      level: 'warning',
      sentence: ['Container ', named(name), ' fails its health check.'],
      evidence: streak === 0 ? '' : `${counted(streak, 'check')} in a row`,
      since: null,
    },
  ];
}

/** Nanoseconds → ms. */
function endOf(value: Metric['fields'][string] | undefined): number | null {
  const time = numberOf(value);
  return time === undefined || time <= 0 ? null : Math.round(time / 1e6);
}
