/**
 * The way to one receiver: plan, begin, notify, end, plan. One attempt at a time, so its order is total. There is no queue:
 * whatever may change what to do next (an event, an outcome, a time) looks at the board again.
 */
import { backoffMs } from '../../core/backoff.ts';
import type { Clock } from '../../core/clock.ts';
import { describeError } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import { TokenBucket } from '../../core/token-bucket.ts';
import type { Notification } from '../../plugin/notification.ts';
import type { ListedReceiver } from '../control.ts';
import type { AlertStore } from '../store/store.ts';

import { aboutOf } from './about.ts';
import type { Attempt } from './attempt-record.ts';
import { attempt as notify } from './attempt.ts';
import type { Attempts, Planned } from './attempts.ts';
import type { Board } from './board.ts';
import type { Deferred } from './deferred.ts';
import type { Failure } from './failure.ts';
import { Health, type Counters, type OnTrouble } from './health.ts';
import type { Receiver } from './receiver.ts';
import { probeMs, Refusals } from './refusals.ts';
import { StormGuard } from './storm.ts';
import type { Delay } from '../why/standing.ts';

export interface LaneOptions {
  readonly board: Board;
  readonly attempts: Attempts;
  readonly deferred: Deferred;
  readonly store: AlertStore;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly onTrouble: OnTrouble;
}

export type ReceiverStatus = ListedReceiver & Omit<Counters, 'sent'>;

const MOST_ALERTS = 10;
const LONGEST_SLEEP_MS = 3_600_000;
const BACKOFF = { minMs: 2000, maxMs: 300_000 };
/** However long a receiver asks to be left alone, it is asked again after this. */
const LONGEST_PAUSE_MS = 900_000;

export class Lane {
  readonly #options: LaneOptions;
  readonly #health: Health;
  readonly #storm = new StormGuard();
  readonly #refusals: Refusals;
  readonly #stop = new AbortController();
  #receiver: Receiver;
  #bucket: TokenBucket;
  /** Nothing is sent before, by the clock's `elapsed`. */
  #heldUntil = 0;
  /** News are a reason to try before that, unless the receiver asked for a pause. */
  #isPaused = false;
  /** In a row. */
  #failures = 0;
  #failedGroup: string | undefined;
  /** Of the last attempt, if it failed. */
  #error: string | undefined;
  #isRunning = false;
  #isBusy = false;
  /** Outcomes do not count any more. */
  #isClosed = false;
  #cancelWake: () => void = () => undefined;
  #onIdle: (() => void) | undefined;

  constructor(receiver: Receiver, options: LaneOptions) {
    this.#options = options;
    this.#receiver = receiver;
    this.#health = new Health(receiver.name, options.log, options.onTrouble);
    this.#refusals = new Refusals(options.attempts, options.clock);
    this.#bucket = this.#newBucket();
  }

  start(): void {
    this.#isRunning = true;
    this.pump();
  }

  /** Another notifier under the same name has no past. */
  use(receiver: Receiver): void {
    const isAnother = receiver.notifier !== this.#receiver.notifier;
    const { perSecond, burst } = this.#receiver.rate;
    this.#receiver = receiver;
    if (perSecond !== receiver.rate.perSecond || burst !== receiver.rate.burst) this.#bucket = this.#newBucket();
    if (isAnother) {
      this.#health.reset();
      this.#failures = 0;
      this.#heldUntil = 0;
    }
    this.pump();
  }

  /** The receiver is gone, or another one. Whether what is being sent arrives stays unknown. */
  close(): void {
    this.#isClosed = true;
    this.#health.reset();
    this.#end();
  }

  /** Something may be open that was not. */
  news(): void {
    if (!this.#isPaused) this.#heldUntil = Math.min(this.#heldUntil, this.#options.clock.elapsed() + BACKOFF.minMs);
    this.pump();
  }

  /** Resolves when nothing is left that could be sent now, or, after `signal`, when nothing is being sent. */
  async drain(signal: AbortSignal): Promise<void> {
    const idle = new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
    const onAbort = () => {
      this.#end();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted || !this.#isRunning) this.#end();
    else this.pump();
    await idle;
    signal.removeEventListener('abort', onAbort);
    this.#end();
  }

  status(): ReceiverStatus {
    const { clock, board } = this.#options;
    const open = board.changes(this.#receiver.name).filter(({ readyAt }) => readyAt <= clock.elapsed());
    const oldest = open.reduce((time, { fact }) => Math.min(time, fact.since), clock.elapsed());
    const { sent, failures, lastLatencyMs } = this.#health.counters;
    return {
      name: this.#receiver.name,
      waiting: open.length,
      oldestMs: clock.elapsed() - oldest,
      sent,
      failed: Object.values(failures).reduce((sum, count) => sum + count, 0),
      trouble: this.#health.trouble,
      failingMs: this.#health.failingMs(clock.elapsed()),
      failures,
      lastLatencyMs,
    };
  }

  /** What keeps messages of a group from being sent that are due. */
  delay(group: string | undefined): Delay {
    const elapsed = this.#options.clock.elapsed();
    const isAdmitted = group === undefined || this.#receiver.each === true || this.#storm.admits(group, elapsed);
    return {
      heldUntil: this.#heldUntil,
      error: this.#error,
      rateUntil: elapsed + this.#bucket.waitMs(elapsed),
      digestAt: isAdmitted ? undefined : this.#storm.digestAt(elapsed),
    };
  }

  pump(): void {
    if (this.#isBusy || !this.#isRunning) return;
    this.#cancelWake();
    const elapsed = this.#options.clock.elapsed();
    try {
      this.#act(elapsed);
    } catch (error) {
      this.#broken(error);
    }
  }

  #act(elapsed: number): void {
    this.#health.overdue(elapsed);
    if (elapsed < this.#heldUntil) {
      this.#onIdle?.();
      this.#wake(this.#heldUntil, elapsed);
      return;
    }
    const due = this.#due(elapsed);
    if ('wakeAt' in due) {
      this.#onIdle?.();
      this.#wake(due.wakeAt, elapsed);
      return;
    }
    const wait = this.#bucket.waitMs(elapsed);
    if (wait > 0) {
      this.#wake(elapsed + wait, elapsed);
      return;
    }
    this.#isBusy = true;
    this.#bucket.take(1, elapsed);
    due.send().catch((error: unknown) => {
      this.#isBusy = false;
      this.#broken(error);
    });
  }

  /** What is to be sent now: what is new before what was deferred. */
  #due(elapsed: number): { send(): Promise<void> } | { readonly wakeAt: number } {
    const next = this.#next(elapsed);
    if (!('wakeAt' in next)) return { send: () => this.#send(next, elapsed) };
    const deferred = this.#options.deferred.next(this.#receiver.name);
    if (!('wakeAt' in deferred)) return { send: () => this.#sendDeferred(deferred, elapsed) };
    return { wakeAt: Math.min(next.wakeAt, deferred.wakeAt) };
  }

  /** A mistake of this program must not silence a receiver. */
  #broken(error: unknown): void {
    const { clock, log } = this.#options;
    log.error(`Notifications to ${this.#receiver.name} could not be planned: ${describeError(error)}`);
    this.#onIdle?.();
    this.#wake(clock.elapsed() + BACKOFF.maxMs, clock.elapsed());
  }

  #next(elapsed: number): Planned {
    const { attempts } = this.#options;
    const { name: receiver, most = MOST_ALERTS, each = false, sendResolved } = this.#receiver;
    const unfinished = attempts.unfinished(receiver);
    if (unfinished !== undefined) return unfinished;
    if (sendResolved === false) attempts.closeSilently(receiver);
    const limits = {
      elapsed,
      most,
      each,
      receiver,
      failed: this.#failedGroup,
      admits: (group: string) => each || this.#storm.admits(group, elapsed),
    };
    const half = this.#refusals.next((only) => attempts.next({ ...limits, only }));
    if (half !== undefined) return half;
    const next = attempts.next(limits);
    if ('wakeAt' in next || next.reason !== 'digest') return next;
    const digestAt = this.#storm.digestAt(elapsed);
    return digestAt > elapsed ? { wakeAt: digestAt } : next;
  }

  async #send(attempt: Attempt, elapsed: number): Promise<void> {
    const { clock, attempts } = this.#options;
    if (attempt.reason === 'digest') this.#storm.digestMade(elapsed);
    else this.#storm.sent(attempt.group.key, elapsed);
    const wasUnknown = attempts.unfinished(attempt.receiver) !== undefined;
    const notification = attempts.begin(attempt, this.#refusals.detailOf(attempt));
    const failure =
      notification.alerts.length === 0
        ? undefined // all of its alerts are forgotten; only an attempt of an earlier process can be like that
        : await notify(this.#receiver, notification, clock, this.#stop.signal);
    if (this.#isClosed) return;
    const ms = clock.elapsed() - elapsed;
    if (failure === undefined || failure.kind === 'partial')
      this.#accepted(attempt, notification, ms, failure?.missing);
    else this.#failed(attempt, notification, failure, { ms, wasUnknown });
    this.#goOn();
  }

  /** To recipients who are still to be reached. That they cannot be is no failure of the receiver. */
  async #sendDeferred(notification: Notification, elapsed: number): Promise<void> {
    const { clock, deferred } = this.#options;
    const { recipients = [] } = notification;
    const failure = await notify(this.#receiver, notification, clock, this.#stop.signal);
    if (this.#isClosed) return;
    const missing = failure === undefined ? [] : (failure.missing ?? recipients);
    const ms = clock.elapsed() - elapsed;
    if (failure === undefined) this.#note(notification, undefined, 'delivered', { ms, recipients });
    else
      this.#note(notification, undefined, 'failed', {
        ms,
        error: failure.text,
        kind: failure.reason,
        recipients: missing,
      });
    deferred.tried(notification, missing);
    this.#goOn();
  }

  #goOn(): void {
    this.#isBusy = false;
    if (this.#isRunning) this.pump();
    else this.#onIdle?.();
  }

  #accepted(attempt: Attempt, notification: Notification, ms: number, missing: readonly string[] = []): void {
    const { attempts, deferred, clock } = this.#options;
    const { detail } = notification;
    this.#failures = 0;
    this.#heldUntil = 0;
    this.#isPaused = false;
    this.#failedGroup = undefined;
    this.#error = undefined;
    this.#note(notification, attempt, 'delivered', {
      ms,
      ...(detail === 'full' ? {} : { detail }),
      ...(missing.length === 0 ? {} : { missing }),
    });
    deferred.supersede(notification);
    if (missing.length > 0) deferred.add(notification, missing);
    attempts.end(attempt, 'accepted');
    this.#health.succeeded(clock.now() - notification.time);
  }

  #failed(
    attempt: Attempt,
    notification: Notification,
    failure: Failure,
    { ms, wasUnknown }: { readonly ms: number; readonly wasUnknown: boolean },
  ): void {
    const { attempts, clock } = this.#options;
    const isUnknown = failure.mayHaveArrived || (wasUnknown && failure.kind !== 'refused');
    this.#failedGroup = attempt.group.key;
    this.#error = failure.text;
    this.#note(notification, attempt, 'failed', {
      ms,
      error: failure.text,
      kind: failure.reason,
      ...(isUnknown && { unknown: true }),
    });
    attempts.end(attempt, isUnknown ? 'unknown' : 'not_sent', failure.text);
    this.#health.failed(failure, clock.elapsed());
    if (failure.reason === 'cancelled') return;
    if (failure.kind !== 'refused') this.#holdBack(failure);
    else if (this.#refusals.refused(attempt))
      this.#health.inTrouble(`a message is refused in every form: ${failure.text}`);
  }

  #holdBack(failure: Failure): void {
    const { clock, random } = this.#options;
    this.#failures += 1;
    this.#isPaused = failure.kind !== 'transient';
    let wait = backoffMs(this.#failures, BACKOFF, random());
    if (failure.kind === 'throttled') wait = Math.max(wait, Math.min(failure.retryAfterMs ?? 0, LONGEST_PAUSE_MS));
    if (failure.kind === 'target') {
      wait = probeMs(this.#failures);
      if (this.#failures > 1) this.#health.inTrouble(failure.text);
    }
    this.#heldUntil = clock.elapsed() + wait;
  }

  /** @param attempt undefined: a message to recipients who are still to be reached */
  #note(
    notification: Notification,
    attempt: Attempt | undefined,
    fate: string,
    detail: Readonly<Record<string, unknown>>,
  ) {
    const { id, receiver, reason, groupKey, alerts } = notification;
    const about = aboutOf(notification, attempt);
    this.#options.store.audit({
      at: this.#options.clock.now(),
      kind: 'attempt',
      reason: fate,
      receiver,
      ...about.alerts,
      detail: { id, group: groupKey, because: reason, alerts: alerts.length, ...about.kinds, ...detail },
    });
  }

  /** Also for what does not wait for its turn: the end of the patience with the receiver. */
  #wake(at: number, elapsed: number): void {
    const time = Math.min(at, this.#health.troubleAt ?? Infinity);
    if (time === Infinity) return;
    // Whole milliseconds, as timers have them, and no more than they can count.
    const wait = Math.min(Math.max(1, Math.ceil(time - elapsed)), LONGEST_SLEEP_MS);
    this.#cancelWake = this.#options.clock.after(wait, () => {
      this.pump();
    });
  }

  #end(): void {
    this.#isRunning = false;
    this.#cancelWake();
    this.#stop.abort();
    if (!this.#isBusy) this.#onIdle?.();
  }

  #newBucket(): TokenBucket {
    const { perSecond, burst } = this.#receiver.rate;
    return new TokenBucket(perSecond, this.#options.clock.elapsed(), Math.max(1, burst));
  }
}
