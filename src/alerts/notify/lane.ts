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

import type { Attempt } from './attempt-record.ts';
import { attempt as notify } from './attempt.ts';
import type { Attempts } from './attempts.ts';
import type { Board } from './board.ts';
import type { Deferred } from './deferred.ts';
import type { Failure } from './failure.ts';
import { Health, type Counters, type OnTrouble } from './health.ts';
import type { Receiver } from './receiver.ts';
import { StormGuard } from './storm.ts';

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
/** How often a receiver that refuses everything, and a message that is refused in every form, is tried again. */
const PROBES_MS = [5000, 30_000, 120_000, 900_000] as const;
const DETAILS = ['full', 'short', 'minimal'] as const;

export class Lane {
  readonly #options: LaneOptions;
  readonly #health: Health;
  readonly #storm = new StormGuard();
  readonly #stop = new AbortController();
  #receiver: Receiver;
  #bucket: TokenBucket;
  /** After a refusal: halves of what was refused, each to be sent by itself. */
  #parts: (readonly string[])[] = [];
  /** Nothing is sent before, by the clock's `elapsed`. */
  #heldUntil = 0;
  /** News are a reason to try before that, unless the receiver asked for a pause. */
  #isPaused = false;
  /** In a row. */
  #failures = 0;
  #failedGroup: string | undefined;
  #isRunning = false;
  #isBusy = false;
  #cancelWake: () => void = () => undefined;
  #onIdle: (() => void) | undefined;

  constructor(receiver: Receiver, options: LaneOptions) {
    this.#options = options;
    this.#receiver = receiver;
    this.#health = new Health(receiver.name, options.log, options.onTrouble);
    this.#bucket = this.#newBucket();
  }

  get receiver(): Receiver {
    return this.#receiver;
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

  /** The receiver is gone. */
  close(): void {
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
    const next = this.#next(elapsed);
    const deferred = 'wakeAt' in next ? this.#options.deferred.next(this.#receiver.name) : undefined;
    if ('wakeAt' in next && deferred !== undefined && 'wakeAt' in deferred) {
      this.#onIdle?.();
      this.#wake(Math.min(next.wakeAt, deferred.wakeAt), elapsed);
      return;
    }
    const wait = this.#bucket.waitMs(elapsed);
    if (wait > 0) {
      this.#wake(elapsed + wait, elapsed);
      return;
    }
    this.#isBusy = true;
    this.#bucket.take(1, elapsed);
    const isSent = 'wakeAt' in next ? this.#sendDeferred(deferred as Notification, elapsed) : this.#send(next, elapsed);
    isSent.catch((error: unknown) => {
      this.#isBusy = false;
      this.#broken(error);
    });
  }

  /** A mistake of this program must not silence a receiver. */
  #broken(error: unknown): void {
    const { clock, log } = this.#options;
    log.error(`Notifications to ${this.#receiver.name} could not be planned: ${describeError(error)}`);
    this.#onIdle?.();
    this.#wake(clock.elapsed() + BACKOFF.maxMs, clock.elapsed());
  }

  #next(elapsed: number): Attempt | { readonly wakeAt: number } {
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
    for (let [part] = this.#parts; part !== undefined; [part] = this.#parts) {
      const next = attempts.next({ ...limits, only: new Set(part) });
      if (!('wakeAt' in next)) return next;
      this.#parts.shift();
    }
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
    const notification = attempts.begin(attempt, this.#detailOf(attempt));
    const failure =
      notification.alerts.length === 0
        ? undefined // all of its alerts are forgotten; only an attempt of an earlier process can be like that
        : await notify(this.#receiver, notification, clock, this.#stop.signal);
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
    const missing = failure === undefined ? [] : (failure.missing ?? recipients);
    const ms = clock.elapsed() - elapsed;
    if (failure === undefined) this.#note(notification, 'delivered', { ms, recipients });
    else this.#note(notification, 'failed', { ms, error: failure.text, kind: failure.reason, recipients: missing });
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
    this.#note(notification, 'delivered', {
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
    this.#note(notification, 'failed', { ms, error: failure.text, kind: failure.reason });
    attempts.end(attempt, isUnknown ? 'unknown' : 'not_sent');
    this.#health.failed(failure, clock.elapsed());
    if (failure.reason === 'cancelled') return;
    if (failure.kind === 'refused') this.#narrow(attempt, failure);
    else this.#holdBack(failure);
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

  /** Halves what was refused until the guilty alert is alone; that one is tried in plainer forms, then probed. */
  #narrow({ listed, counted, receiver }: Attempt, failure: Failure): void {
    const { attempts, clock } = this.#options;
    const fingerprints = [...listed, ...counted].map(({ fingerprint }) => fingerprint);
    const [part] = this.#parts;
    if (part !== undefined && fingerprints.every((fingerprint) => part.includes(fingerprint))) this.#parts.shift();
    const [only, another] = fingerprints;
    if (only !== undefined && another === undefined) {
      const refusals = attempts.refusals(receiver, only) + 1;
      const isHopeless = refusals >= DETAILS.length;
      const wait = probeMs(refusals - DETAILS.length + 1);
      attempts.refused(receiver, only, isHopeless ? clock.elapsed() + wait : undefined);
      if (isHopeless) this.#health.inTrouble(`a message is refused in every form: ${failure.text}`);
      return;
    }
    const half = Math.ceil(fingerprints.length / 2);
    this.#parts.unshift(fingerprints.slice(0, half), fingerprints.slice(half));
  }

  #detailOf({ receiver, listed: [first, another] }: Attempt): Notification['detail'] {
    if (first === undefined || another !== undefined) return 'full';
    const refusals = this.#options.attempts.refusals(receiver, first.fingerprint);
    return DETAILS[Math.min(refusals, DETAILS.length - 1)] ?? 'minimal';
  }

  #note(
    { id, receiver, reason, groupKey, alerts }: Notification,
    fate: string,
    detail: Readonly<Record<string, unknown>>,
  ) {
    const [alert, another] = alerts;
    this.#options.store.audit({
      at: this.#options.clock.now(),
      kind: 'attempt',
      reason: fate,
      receiver,
      // One of several would be found by the history of that one only.
      ...(alert === undefined || another !== undefined
        ? {}
        : { fingerprint: alert.fingerprint, rule: alert.rule, host: alert.host }),
      detail: { id, group: groupKey, because: reason, alerts: alerts.length, ...detail },
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

function probeMs(count: number): number {
  return PROBES_MS[Math.min(count, PROBES_MS.length) - 1] ?? PROBES_MS[0];
}
