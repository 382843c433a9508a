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

/**
 * Maximum outstanding calls of statfs, hung ones included. Each occupies a thread of libuv's pool, which has four by default
 * and serves all file system and DNS calls of the process.
 */
const MAX_OUTSTANDING = 2;

/**
 * Calls statfs without waiting for dead file systems. A call that times out occupies its thread until the kernel returns, and
 * until then that path is not called again. Local file systems come first, two at a time; remote ones one at a time, and only
 * while nothing hangs. So a dead server costs one thread, however many of its exports are mounted.
 */
export class BoundedStatfs {
  readonly #calls: StatfsCalls;
  readonly #timeout: number;
  readonly #clock: Clock;
  readonly #outstanding = new Set<string>();

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
    return targets.map(({ statfsPath }) => {
      try {
        return now(statfsPath);
      } catch (error) {
        return error as Error;
      }
    });
  }

  async #askLater(targets: readonly Target[], signal: AbortSignal): Promise<Outcome[]> {
    const answers = new Map<Target, Statfs | Error>();
    const ready = targets.filter(({ statfsPath }) => !this.#outstanding.has(statfsPath));
    const local = ready.filter(({ isRemote }) => !isRemote);
    await this.#work(local, MAX_OUTSTANDING - this.#outstanding.size, answers, signal);
    const remote = ready.filter(({ isRemote }) => isRemote);
    await this.#work(remote, this.#outstanding.size === 0 ? 1 : 0, answers, signal);
    return targets.map(
      (target) => answers.get(target) ?? (this.#outstanding.has(target.statfsPath) ? 'hung' : 'skipped'),
    );
  }

  /** Each worker owns a slot, and ends when a call hangs. */
  async #work(
    queue: Target[],
    workers: number,
    answers: Map<Target, Statfs | Error>,
    signal: AbortSignal,
  ): Promise<void> {
    const work = async () => {
      for (let target = queue.shift(); target !== undefined && !signal.aborted; target = queue.shift()) {
        const answer = await this.#call(target.statfsPath, signal);
        if (answer === undefined) return;
        answers.set(target, answer);
      }
    };
    await Promise.all(Array.from({ length: Math.max(0, workers) }, work));
  }

  /** @returns undefined if the call times out */
  async #call(path: string, signal: AbortSignal): Promise<Statfs | Error | undefined> {
    this.#outstanding.add(path);
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
