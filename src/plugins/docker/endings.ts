import type { ContainerInspection, EngineEvent } from './api/answers.ts';
import { eventTime, isRemoval } from './api/events.ts';
import { parseTime } from './api/time.ts';

/** A program that ends on request exits with 0, or as the shell reports SIGINT (130) and SIGTERM (143). */
const ORDINARY_EXIT_CODES = [0, 130, 143];

/** Signals that do not ask a program to end: HUP, USR1, USR2 and WINCH, as the numbers in events. */
const HARMLESS_SIGNALS = ['1', '10', '12', '28'];

/** A request explains an exit for this long, and `--rm` removes a container within it. Nanoseconds. */
const REQUEST_HOLDS = 600e9;
const AUTO_REMOVAL = 10e9;

/** Tells containers that fail from those that somebody stops or removes. Learns from the daemon's events. */
export class Endings {
  /** Container → time of the last request to end it, nanoseconds since the Unix epoch. */
  readonly #asked = new Map<string, number>();
  /** Container → time of its last failure. */
  readonly #failed = new Map<string, number>();

  /** Called for every event of a container, in order. `docker stop`, `kill` and `rm -f` send `kill` before `die`. */
  note(event: EngineEvent): void {
    const { Action, Actor } = event;
    if (Action === 'kill' && !HARMLESS_SIGNALS.includes(Actor.Attributes?.['signal'] ?? '')) {
      this.#asked.set(Actor.ID, eventTime(event));
    } else if (Action === 'start') {
      this.#forget(Actor.ID);
    } else if (Action === 'die' || Action === 'died') {
      if (this.isFailure(Actor.ID, exitCodeOf(event), eventTime(event))) this.#failed.set(Actor.ID, eventTime(event));
    }
  }

  /**
   * @param exitCode NaN if unknown, which is no failure
   * @param endedAt nanoseconds since the Unix epoch
   */
  isFailure(id: string, exitCode: number, endedAt: number): boolean {
    if (Number.isNaN(exitCode) || ORDINARY_EXIT_CODES.includes(exitCode)) return false;
    const asked = this.#asked.get(id);
    return asked === undefined || endedAt - asked > REQUEST_HOLDS;
  }

  /** A container that waits to be restarted counts as running for the daemon, but has no process. */
  hasFailed({ Id, State }: ContainerInspection): boolean {
    return State.Pid === 0 && this.isFailure(Id, State.ExitCode, Number(parseTime(State.FinishedAt) ?? 0n));
  }

  /** Whether somebody removes it. `--rm` removes a container that has failed as well, which does not mend it. */
  isRemovedOnPurpose(event: EngineEvent): boolean {
    if (!isRemoval(event)) return false;
    const { ID } = event.Actor;
    const failed = this.#failed.get(ID) ?? -Infinity;
    this.#forget(ID);
    return eventTime(event) - failed > AUTO_REMOVAL;
  }

  #forget(id: string): void {
    this.#asked.delete(id);
    this.#failed.delete(id);
  }
}

/** `containerExitCode` is Podman's name. NaN if there is none. */
export function exitCodeOf({ Actor }: EngineEvent): number {
  const { exitCode, containerExitCode } = Actor.Attributes ?? {};
  return Number(exitCode ?? containerExitCode);
}
