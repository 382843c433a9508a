import { expect, test } from '@jest/globals';

import { swarmServices } from '../../../../src/plugins/docker/report/swarm.ts';

test('swarm services of every mode', () => {
  const service = (ID: string, Mode: object) => ({ ID, Spec: { Name: `name-${ID}`, Mode } });
  const task = (ServiceID: string, DesiredState: string, State: string) => ({
    ServiceID,
    DesiredState,
    Status: { State },
  });
  const reports = swarmServices(
    [
      service('r', { Replicated: { Replicas: 3 } }),
      service('g', { Global: {} }),
      service('rj', { ReplicatedJob: { MaxConcurrent: 2, TotalCompletions: 10 } }),
      service('gj', { GlobalJob: {} }),
      service('future', { Sharded: {} }),
    ],
    [
      task('r', 'running', 'running'),
      task('r', 'running', 'preparing'),
      task('r', 'shutdown', 'failed'),
      task('g', 'running', 'running'),
      task('g', 'ready', 'starting'),
      task('g', 'shutdown', 'running'),
    ],
  );
  expect(reports.map(({ tags, fields }) => [tags.service_mode, fields])).toEqual([
    ['replicated', { tasks_running: 1, tasks_desired: 3 }],
    ['global', { tasks_running: 2, tasks_desired: 2 }],
    ['replicated_job', { tasks_running: 0, max_concurrent: 2, total_completions: 10 }],
    ['global_job', { tasks_running: 0 }],
  ]);
  expect(reports[0]?.tags).toEqual({ service_id: 'r', service_name: 'name-r', service_mode: 'replicated' });
});
