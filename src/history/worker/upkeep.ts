/** Seals, rolls up and prunes in small steps, between which the thread takes messages. */
import type { Clock } from '../../core/clock.ts';
import { describeStoreError } from '../../host/sqlite/sqlite-error.ts';
import type { Logger } from '../../core/logger.ts';
import { FailureLog } from '../../host/failure-log.ts';
import type { History } from '../history.ts';
import { HOUR_MS, MINUTE_MS, SPAN_MS, startOf } from '../spans.ts';
import type { Unsealed } from './unsealed.ts';

export interface UpkeepOptions {
  readonly history: History;
  readonly unsealed: Unsealed;
  readonly clock: Clock;
  readonly log: Logger;
  /** Called when more of the journal is stored. */
  readonly onSealed: (sealedUpTo: number) => void;
}

/** How often it looks for something to do. */
const TICK_MS = 5000;

/** Points of an hour may come so much later, ms; what comes after that is merged into the stored hour. */
const GRACE_MS = 5 * MINUTE_MS;

/** Of the samples in memory, bytes. */
export const HEAD_LIMIT = 20_000_000;

/** After a failure, such as a full disk. */
const RETRY_MS = MINUTE_MS;

interface Forgetting {
  readonly steps: Generator<undefined, void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

type Wanted = (hour: number) => boolean;

export class Upkeep {
  readonly #options: UpkeepOptions;
  readonly #failures: FailureLog;
  /** Ms. */
  sealWithin = Infinity;
  #round: Generator<undefined, void> | undefined;
  #rollUp: Generator<undefined, boolean> | undefined;
  #isWorking = false;
  #isSealAsked = false;
  #retryAt = -Infinity;
  #sealOverAt = -Infinity;
  #rollUpAt = -Infinity;
  #pruneAt = -Infinity;
  #allSealedAt: number;
  readonly #waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
  readonly #forgetting: Forgetting[] = [];
  #cancel: () => void = () => undefined;

  constructor(options: UpkeepOptions) {
    this.#options = options;
    this.#failures = new FailureLog(options.log, options.clock);
    this.#allSealedAt = options.clock.elapsed();
  }

  start(): void {
    this.#tick();
  }

  stop(): void {
    this.#cancel();
    this.#isWorking = false;
    this.#round = undefined;
    this.#rollUp = undefined;
  }

  /** Stores everything that is in memory now. @throws why it cannot be stored */
  seal(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#isSealAsked = true;
      this.#work();
    });
  }

  /** Deletes what is stored and in memory of a host. @throws why it cannot be deleted */
  forget(host: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#forgetting.push({ steps: this.#options.history.forgetHost(host), resolve, reject });
      this.#work();
    });
  }

  /** The head is full. */
  sealSoon(): void {
    if (this.#options.clock.elapsed() < this.#retryAt) return;
    this.#isSealAsked = true;
    this.#work();
  }

  #tick(): void {
    this.#cancel = this.#options.clock.after(TICK_MS, () => {
      this.#tick();
    });
    this.#work();
  }

  #work(): void {
    if (this.#isWorking) return;
    this.#isWorking = this.#step();
    if (this.#isWorking) setImmediate(this.#next);
  }

  readonly #next = (): void => {
    // Stopped meanwhile.
    if (!this.#isWorking) return;
    this.#isWorking = this.#step();
    if (this.#isWorking) setImmediate(this.#next);
  };

  /** @returns whether there is more to do now */
  #step(): boolean {
    try {
      const [forgetting] = this.#forgetting;
      // What a round of sealing holds would be stored after it was deleted; what is stored while its span is rolled up would be missing there.
      if (this.#round === undefined && this.#rollUp === undefined && forgetting === undefined) this.#begin();
      if (this.#round !== undefined) this.#sealStep(this.#round);
      else if (this.#rollUp !== undefined) this.#rollUpStep(this.#rollUp);
      else if (forgetting !== undefined) this.#forgetStep(forgetting);
      else if (this.#options.clock.elapsed() >= this.#rollUpAt) this.#beginRollUp();
      else if (this.#options.clock.elapsed() >= this.#pruneAt) this.#pruneStep();
      else return false;
    } catch (error) {
      this.#failed(error);
      return false;
    }
    return true;
  }

  #begin(): void {
    const wanted = this.#wanted();
    if (wanted === undefined) return;
    this.#options.unsealed.begin(wanted);
    this.#round = this.#options.history.seal(wanted);
  }

  #wanted(): Wanted | undefined {
    const { clock, unsealed } = this.#options;
    if (this.#isSealAsked || clock.elapsed() - this.#allSealedAt >= this.sealWithin) {
      this.#isSealAsked = false;
      this.#allSealedAt = clock.elapsed();
      return () => true;
    }
    if (clock.elapsed() < Math.max(this.#retryAt, this.#sealOverAt)) return undefined;
    const now = clock.now();
    // Hours to come: the clock was set back, or a source is ahead. They must not hold the journal for so long.
    const isOver: Wanted = (hour) => hour + HOUR_MS + GRACE_MS <= now || hour > startOf(now, HOUR_MS);
    if (![...unsealed.hours].some(isOver)) return undefined;
    // A source may be late or ahead all the time.
    this.#sealOverAt = clock.elapsed() + GRACE_MS;
    return isOver;
  }

  #sealStep(round: Generator<undefined, void>): void {
    if (round.next().done !== true) return;
    const { unsealed, onSealed } = this.#options;
    this.#round = undefined;
    unsealed.finish();
    this.#failures.succeeded('Storing the history works');
    onSealed(unsealed.sealedUpTo);
    // What was asked for meanwhile needs another round.
    if (this.#isSealAsked) return;
    for (const { resolve } of this.#waiting.splice(0)) resolve();
  }

  /** Of a file that is full each hour is rolled up soon: its samples may have to go. */
  #beginRollUp(): void {
    const { history, clock } = this.#options;
    const length = history.isFull ? HOUR_MS : SPAN_MS;
    // Sealing has its turn first: what is stored later is rolled up again.
    this.#rollUp = history.rollUp(startOf(clock.now() - 2 * GRACE_MS, length));
  }

  #rollUpStep(rollUp: Generator<undefined, boolean>): void {
    const { done, value: isMore } = rollUp.next();
    if (done !== true) return;
    this.#rollUp = undefined;
    if (!isMore) this.#rollUpAt = this.#options.clock.elapsed() + MINUTE_MS;
  }

  #forgetStep({ steps, resolve }: Forgetting): void {
    if (steps.next().done !== true) return;
    this.#forgetting.shift();
    resolve();
  }

  #pruneStep(): void {
    this.#options.history.beat();
    if (!this.#options.history.prune()) this.#pruneAt = this.#options.clock.elapsed() + MINUTE_MS;
  }

  #failed(thrown: unknown): void {
    const { clock, unsealed } = this.#options;
    const error = new Error(describeStoreError(thrown));
    this.#failures.failed('The history cannot be stored', error);
    this.#round = undefined;
    this.#rollUp = undefined;
    unsealed.giveUp();
    this.#retryAt = clock.elapsed() + RETRY_MS;
    this.#rollUpAt = this.#retryAt;
    this.#pruneAt = this.#retryAt;
    for (const { reject } of [...this.#waiting.splice(0), ...this.#forgetting.splice(0)]) reject(error);
  }
}
