import type { Clock } from '../../plugin/index.ts';

import type { Target } from './targets.ts';
import type { Statfs } from './usage.ts';

export interface StatfsCalls {
  /** Runs in another thread. */
  readonly later: (path: string) => Promise<Statfs>;
  /** Synchronous, for file systems that answer from memory: a thread switch costs several times as much as the call. */
  readonly now?: (path: string) => Statfs;
}

/** `hung`: called, no answer yet. `skipped`: not called, because others hang. */
export type Outcome = Statfs | Error | 'hung' | 'skipped';

/** Maximum calls under way while nothing hangs. */
const PARALLEL = 2;

/**
 * Maximum outstanding calls of statfs, hung ones included. Each occupies a thread of libuv's pool, which has four by default
 * and serves all file system and DNS calls of the process.
 */
const MAX_OUTSTANDING = 3;

/**
 * Calls statfs without waiting for dead file systems. A call that times out occupies its thread until the kernel returns, and
 * until then its device or pool is not called again. Local file systems come first; remote ones follow one at a time, and only
 * while nothing hangs. So a dead server or pool costs one thread, however many of its file systems are mounted, and with two
 * dead devices the others still have a thread. With three, only instant file systems are left.
 */
export class BoundedStatfs {
  readonly #calls: StatfsCalls;
  readonly #timeout: number;
  readonly #clock: Clock;
  /** Path → device or pool. */
  readonly #outstanding = new Map<string, string>();

  /** @param timeout of each call, in milliseconds */
  constructor(calls: StatfsCalls, timeout: number, clock: Clock) {
    this.#calls = calls;
    this.#timeout = timeout;
    this.#clock = clock;
  }

  /**
   * One outcome per target, in order; synchronous if all targets are instant. Takes a few timeouts at most, and ends when the
   * signal aborts.
   */
  ask(targets: readonly Target[], signal: AbortSignal): Outcome[] | Promise<Outcome[]> {
    const { now } = this.#calls;
    if (now === undefined || !targets.every(({ isInstant }) => isInstant)) return this.#askLater(targets, signal);
    return targets.map((target) => ask(now, target));
  }

  async #askLater(targets: readonly Target[], signal: AbortSignal): Promise<Outcome[]> {
    const answers = new Map<Target, Statfs | Error>();
    const dead = new Set(this.#outstanding.values());
    const ready = targets.filter((target) => !dead.has(deviceOf(target)));
    const local = byDevice(ready.filter(({ isRemote }) => !isRemote));
    const hasRoom = () => this.#outstanding.size < MAX_OUTSTANDING;
    await this.#work(local, PARALLEL - this.#outstanding.size, answers, signal);
    while (local.length > 0 && hasRoom() && !signal.aborted) await this.#work(local, 1, answers, signal);
    const remote = byDevice(ready.filter(({ isRemote }) => isRemote));
    await this.#work(remote, this.#outstanding.size === 0 ? 1 : 0, answers, signal);
    return targets.map((target) => answers.get(target) ?? this.#withoutThread(target));
  }

  #withoutThread(target: Target): Outcome {
    if (this.#outstanding.has(target.statfsPath)) return 'hung';
    const { now } = this.#calls;
    return target.isInstant && now !== undefined ? ask(now, target) : 'skipped';
  }

  /** Each worker owns a slot, and ends when a call hangs; the rest of that device then has no answer. */
  async #work(
    queue: Target[][],
    workers: number,
    answers: Map<Target, Statfs | Error>,
    signal: AbortSignal,
  ): Promise<void> {
    const work = async () => {
      for (let device = queue.shift(); device !== undefined; device = queue.shift()) {
        for (const target of device) {
          const answer = signal.aborted ? undefined : await this.#call(target, signal);
          if (answer === undefined) return;
          answers.set(target, answer);
        }
      }
    };
    await Promise.all(Array.from({ length: Math.max(0, workers) }, work));
  }

  /** @returns undefined if the call times out */
  async #call(target: Target, signal: AbortSignal): Promise<Statfs | Error | undefined> {
    const path = target.statfsPath;
    this.#outstanding.set(path, deviceOf(target));
    const answer = this.#calls
      .later(path)
      .catch((error: unknown) => error as Error)
      .finally(() => this.#outstanding.delete(path));
    let giveUp: () => void = () => undefined;
    const deadline = new Promise<undefined>((resolve) => {
      giveUp = () => {
        resolve(undefined);
      };
    });
    const cancel = this.#clock.after(this.#timeout, giveUp);
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      return await Promise.race([answer, deadline]);
    } finally {
      cancel();
      signal.removeEventListener('abort', giveUp);
    }
  }
}

function ask(now: (path: string) => Statfs, { statfsPath }: Target): Statfs | Error {
  try {
    return now(statfsPath);
  } catch (error) {
    return error as Error;
  }
}

/** What hangs as a whole: the ZFS pool, or the device with all of its mounts. */
function deviceOf({ tags: { pool, device } }: Target): string {
  return pool === '' ? device : pool;
}

function byDevice(targets: readonly Target[]): Target[][] {
  const devices = new Map<string, Target[]>();
  for (const target of targets) {
    const others = devices.get(deviceOf(target));
    if (others === undefined) devices.set(deviceOf(target), [target]);
    else others.push(target);
  }
  return [...devices.values()];
}
