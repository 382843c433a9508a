import type { ContainerInspection, ContainerState } from './api.ts';
import { parseTime } from './time.ts';

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

/** A container that ends within a millisecond may be recorded to have ended before it started. */
function between(started: bigint, end: bigint): bigint {
  return end > started ? end - started : 0n;
}

/** @returns undefined for a container without a healthcheck, which Podman writes as an empty status */
export function healthFields({ Health }: ContainerState) {
  if (!Health || Health.Status === '') return undefined;
  return { health_status: Health.Status, failing_streak: Health.FailingStreak };
}
