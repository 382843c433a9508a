import type { SwarmService, SwarmTask } from '../api/answers.ts';

export interface ServiceReport {
  readonly tags: Readonly<Record<'service_id' | 'service_name' | 'service_mode', string>>;
  readonly fields: Readonly<
    Partial<Record<'tasks_running' | 'tasks_desired' | 'max_concurrent' | 'total_completions', number>>
  >;
}

/** One report per service of the swarm; services with an unknown mode are skipped. */
export function swarmServices(
  services: readonly SwarmService[],
  tasks: readonly SwarmTask[],
): readonly ServiceReport[] {
  const running = countByService(tasks.filter(({ Status }) => Status.State === 'running'));
  // A global service has no replica count: every task that is not to be shut down is desired.
  const wanted = countByService(tasks.filter(({ DesiredState }) => DesiredState !== 'shutdown'));
  return services.flatMap(({ ID, Spec: { Name, Mode } }) => {
    const tasks_running = running.get(ID) ?? 0;
    const report = (service_mode: string, fields: ServiceReport['fields']): ServiceReport[] => [
      { tags: { service_id: ID, service_name: Name, service_mode }, fields: { tasks_running, ...fields } },
    ];
    if (Mode.Replicated) return report('replicated', { tasks_desired: Mode.Replicated.Replicas ?? 0 });
    if (Mode.Global) return report('global', { tasks_desired: wanted.get(ID) ?? 0 });
    if (Mode.ReplicatedJob) {
      const { MaxConcurrent = 0, TotalCompletions = 0 } = Mode.ReplicatedJob;
      return report('replicated_job', { max_concurrent: MaxConcurrent, total_completions: TotalCompletions });
    }
    return Mode.GlobalJob ? report('global_job', {}) : [];
  });
}

function countByService(tasks: readonly SwarmTask[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { ServiceID } of tasks) counts.set(ServiceID, (counts.get(ServiceID) ?? 0) + 1);
  return counts;
}
