import type { ContainerInspection, ContainerState } from '../api/answers.ts';
import { parseTime } from '../api/time.ts';

/** @param now nanoseconds since the Unix epoch */
export function statusFields({ Id, State, RestartCount }: ContainerInspection, now: bigint) {
  const started = parseTime(State.StartedAt);
  const finished = State.Running ? undefined : parseTime(State.FinishedAt);
  return {
    oomkilled: State.OOMKilled,
    pid: State.Pid,
    exitcode: State.ExitCode,
    restart_count: RestartCount ?? 0,
    container_id: Id,
    started_at: started,
    finished_at: finished,
    uptime_ns: started === undefined ? undefined : between(started, finished ?? now),
  };
}

/** The recorded end of a container that ran for less than a millisecond may lie before its start. */
function between(started: bigint, end: bigint): bigint {
  return end > started ? end - started : 0n;
}

/** @returns undefined for a container without a healthcheck; Podman then sends an empty status */
export function healthFields({ Health }: ContainerState) {
  if (!Health || Health.Status === '') return undefined;
  return { health_status: Health.Status, failing_streak: Health.FailingStreak };
}
