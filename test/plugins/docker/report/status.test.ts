import { expect, test } from '@jest/globals';

import type { ContainerInspection } from '../../../../src/plugins/docker/api/answers.ts';
import { parseTime } from '../../../../src/plugins/docker/api/time.ts';
import { healthFields, statusFields } from '../../../../src/plugins/docker/report/status.ts';
import { fixture } from '../fixtures.ts';

const inspection = (name: string) => fixture(`inspect.${name}`) as ContainerInspection;

test('a running container has no finished_at, and its uptime counts until now', () => {
  const checked = inspection('checked');
  const started = parseTime(checked.State.StartedAt)!;
  expect(statusFields(checked, started + 5_000_000_000n)).toEqual({
    oomkilled: false,
    pid: checked.State.Pid,
    exitcode: 0,
    restart_count: 0,
    container_id: checked.Id,
    started_at: started,
    finished_at: undefined,
    uptime_ns: 5_000_000_000n,
  });
});

test('the uptime of an exited container is the duration of its run', () => {
  const fields = statusFields(inspection('stopped'), 2n ** 62n);
  expect(fields).toMatchObject({ exitcode: 3, pid: 0 });
  expect(fields.uptime_ns).toBe(fields.finished_at! - fields.started_at!);
});

test('an end recorded before the start gives an uptime of 0', () => {
  const { State, ...rest } = inspection('stopped');
  const times = { StartedAt: '2026-11-22T19:05:35.002Z', FinishedAt: '2026-11-22T19:05:35.001Z' };
  expect(statusFields({ ...rest, State: { ...State, ...times } }, 2n ** 62n).uptime_ns).toBe(0n);
});

test('a container that never started has no times', () => {
  const { State, ...rest } = inspection('stopped');
  const never = '0001-01-01T00:00:00Z';
  const fields = statusFields({ ...rest, State: { ...State, StartedAt: never, FinishedAt: never } }, 1n);
  expect(fields).toMatchObject({ started_at: undefined, finished_at: undefined, uptime_ns: undefined });
});

test('health is reported only with a healthcheck', () => {
  expect(healthFields(inspection('checked').State)).toEqual({ health_status: 'healthy', failing_streak: 0 });
  expect(healthFields(inspection('stopped').State)).toBeUndefined();
  const { State } = inspection('stopped');
  expect(healthFields({ ...State, Health: { Status: '', FailingStreak: 0 } })).toBeUndefined();
});
