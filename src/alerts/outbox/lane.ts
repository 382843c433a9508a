/**
 * The way to one receiver: sends what waits for it, one after the other. There is no loop: whatever may change what is to
 * be done next (an arrival, the end of an attempt, a time that has come) looks at the queue anew.
 */
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/logger.ts';
import { TokenBucket } from '../../core/token-bucket.ts';
import type { ListedReceiver } from '../control.ts';

import { attempt } from './attempt.ts';
import type { Entry } from './entry.ts';
import type { Failure } from './failure.ts';
import { Health, type Counters, type OnTrouble } from './health.ts';
import { Queue, type Waiting } from './queue.ts';
import type { Receiver } from './receiver.ts';
import { stepAfter, type Step } from './retry.ts';
import type { Shelf } from './shelf.ts';
import { StormGuard } from './storm.ts';

export interface LaneOptions {
  readonly shelf: Shelf;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly onTrouble: OnTrouble;
}

export type ReceiverStatus = ListedReceiver & Omit<Counters, 'sent'>;

const LONGEST_SLEEP_MS = 3_600_000;

/** What is to be done: send this, or look again at that time. */
type Plan = { readonly send: Waiting } | { readonly wakeAt: number; readonly isOnlyPaced?: boolean };

export class Lane {
  readonly #options: LaneOptions;
  readonly #queue: Queue;
  readonly #health: Health;
  readonly #storm = new StormGuard();
  readonly #stop = new AbortController();
  #receiver: Receiver;
  #bucket: TokenBucket;
  /** Nothing is sent before: ms on the clock's `elapsed`. */
  #heldUntil = 0;
  /** Tried with a single message at a time. */
  #isBroken = false;
  #isRunning = false;
  #isBusy = false;
  #cancelWake: () => void = () => undefined;
  #onIdle: (() => void) | undefined;

  constructor(receiver: Receiver, options: LaneOptions) {
    this.#options = options;
    this.#receiver = receiver;
    this.#queue = new Queue(options.shelf);
    this.#health = new Health(receiver.name, options.log, options.onTrouble);
    this.#bucket = this.#newBucket();
  }

  get receiver(): Receiver {
    return this.#receiver;
  }

  accept(entry: Entry): void {
    const { clock } = this.#options;
    const left = entry.notification.time + this.#receiver.ttl - clock.now();
    this.#queue.add(entry, clock.elapsed(), clock.elapsed() + left);
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
      this.#isBroken = false;
      this.#heldUntil = 0;
      this.#makeDue(() => true);
    }
    this.pump();
  }

  /** The receiver is gone: what waits for it is given up. */
  close(why: string): void {
    for (const item of this.#queue.items) this.#drop(item, 'gave_up', why);
    this.#health.reset();
    this.#end();
  }

  /** Resolves when there is nothing left that could be sent now, or, after `signal`, when nothing is being sent. */
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
    const { clock } = this.#options;
    const { items } = this.#queue;
    const { sent, failures, dropped, lastLatencyMs } = this.#health.counters;
    const oldest = items.reduce((time, { entry }) => Math.min(time, entry.queuedAt), clock.now());
    return {
      name: this.#receiver.name,
      waiting: items.length,
      oldestMs: clock.now() - oldest,
      sent,
      failed: Object.values(failures).reduce((sum, count) => sum + count, 0),
      trouble: this.#health.trouble,
      failures,
      dropped,
      lastLatencyMs,
    };
  }

  pump(): void {
    if (this.#isBusy || !this.#isRunning) return;
    this.#cancelWake();
    const now = this.#options.clock.elapsed();
    this.#expire(now);
    this.#health.overdue(now);
    const plan = this.#plan(now);
    if (plan !== undefined && 'send' in plan) {
      void this.#send(plan.send, now);
      return;
    }
    if (plan?.isOnlyPaced !== true) this.#onIdle?.();
    if (plan !== undefined) this.#wake(plan.wakeAt, now);
  }

  #plan(now: number): Plan | undefined {
    const { items } = this.#queue;
    const newest = items.at(-1);
    if (newest === undefined) return undefined;
    if (now < this.#heldUntil) return { wakeAt: this.#heldUntil };
    const heads = this.#queue.heads();
    const due = heads.filter(({ dueAt }) => dueAt <= now);
    const next = this.#isBroken ? this.#queue.headOf(newest) : this.#choose(due, now);
    if (next === undefined) {
      if (due.length === 0) return { wakeAt: Math.min(...heads.map(({ dueAt }) => dueAt)) };
      return { wakeAt: this.#storm.digestAt(now) };
    }
    const wait = this.#bucket.waitMs(now);
    return wait > 0 ? { wakeAt: now + wait, isOnlyPaced: true } : { send: next };
  }

  /**
   * What was never tried goes first, so that messages that fail hold nothing up. In a storm, what is not admitted by itself
   * becomes a digest when it is time for one.
   */
  #choose(due: readonly Waiting[], now: number): Waiting | undefined {
    const admitted = due.filter((item) => this.#isAdmitted(item, now));
    if (admitted.length > 0) return admitted.reduce((a, b) => (b.failures < a.failures ? b : a));
    if (due.length === 0 || now < this.#storm.digestAt(now)) return undefined;
    const refused = this.#queue.foldable((item) => !this.#isAdmitted(item, now));
    this.#storm.digestMade(now);
    const [only, another] = refused;
    if (only === undefined || another === undefined) return due[0];
    return this.#queue.fold(refused, this.#receiver.name, { wall: this.#options.clock.now(), elapsed: now });
  }

  #isAdmitted({ entry: { notification } }: Waiting, now: number): boolean {
    return notification.reason === 'digest' || this.#storm.admits(notification.groupKey, now);
  }

  async #send(item: Waiting, now: number): Promise<void> {
    const { shelf, clock } = this.#options;
    const before = item.entry;
    this.#isBusy = true;
    item.isBeingSent = true;
    this.#bucket.take(1, now);
    if (before.notification.reason !== 'digest') this.#storm.sent(before.notification.groupKey, now);
    // If the process is killed from here on, the message may have arrived.
    item.entry = { ...before, attempts: before.attempts + 1, mayHaveArrived: true };
    shelf.save(item.entry);
    const failure = await attempt(this.#receiver, before.notification, clock, this.#stop.signal);
    this.#isBusy = false;
    item.isBeingSent = false;
    const ms = clock.elapsed() - now;
    // The receiver may have been removed meanwhile, and the entry with it.
    if (this.#queue.items.includes(item)) {
      if (failure === undefined) this.#succeeded(item, ms);
      else this.#failed(item, failure, before.mayHaveArrived, ms);
    }
    if (this.#isRunning) this.pump();
    else this.#onIdle?.();
  }

  #succeeded(item: Waiting, ms: number): void {
    const { shelf, clock } = this.#options;
    const { detail, time } = item.entry.notification;
    this.#queue.remove(item);
    shelf.end(item.entry, 'delivered', { ms, ...(detail === 'full' ? {} : { detail }) });
    this.#health.succeeded(clock.now() - time);
    this.#isBroken = false;
    this.#heldUntil = 0;
    // What failed for the same reason may work too.
    this.#makeDue(({ failures }) => failures > 0);
  }

  #failed(item: Waiting, failure: Failure, mightHaveArrived: boolean, ms: number): void {
    const { shelf, clock, random } = this.#options;
    item.failures += 1;
    item.entry = { ...item.entry, mayHaveArrived: mightHaveArrived || failure.mayHaveArrived };
    shelf.transaction(() => {
      shelf.save(item.entry);
      shelf.note(item.entry, 'failed', { ms, error: failure.text, kind: failure.reason });
    });
    this.#health.failed(failure, clock.elapsed());
    if (failure.reason !== 'cancelled') {
      this.#take(stepAfter(failure, item.entry.notification.detail, item.failures, random()), item, failure);
    }
    this.#queue.coalesce(item.entry.groups);
  }

  #take(step: Step, item: Waiting, failure: Failure): void {
    const now = this.#options.clock.elapsed();
    switch (step.do) {
      case 'retry':
        item.dueAt = now + step.waitMs;
        if (this.#isBroken) this.#heldUntil = now + step.waitMs;
        return;
      case 'pause':
        item.dueAt = now;
        this.#heldUntil = now + step.waitMs;
        return;
      case 'probe':
        this.#isBroken = true;
        this.#heldUntil = now + step.waitMs;
        this.#health.inTrouble(failure.text);
        return;
      case 'shorten':
        this.#isBroken = false;
        item.dueAt = now;
        item.entry = { ...item.entry, notification: { ...item.entry.notification, detail: step.detail } };
        this.#options.shelf.save(item.entry);
        return;
      case 'give_up':
        this.#isBroken = false;
        this.#drop(item, 'gave_up', failure.text);
        this.#health.inTrouble(`a message is refused in every form: ${failure.text}`);
    }
  }

  #drop(item: Waiting, fate: 'gave_up' | 'expired', why: string): void {
    this.#queue.remove(item);
    this.#health.dropped();
    this.#options.shelf.end(item.entry, fate, { why });
  }

  #expire(now: number): void {
    for (const item of this.#queue.items) {
      if (now >= item.expiresAt) this.#drop(item, 'expired', 'it was not accepted in time');
    }
  }

  #makeDue(isMeant: (item: Waiting) => boolean): void {
    const now = this.#options.clock.elapsed();
    for (const item of this.#queue.items) if (isMeant(item)) item.dueAt = Math.min(item.dueAt, now);
  }

  /** Also for what does not wait for its turn: the end of a message's time, and of the patience with the receiver. */
  #wake(at: number, now: number): void {
    const times = [at, this.#health.troubleAt ?? at, ...this.#queue.items.map(({ expiresAt }) => expiresAt)];
    // Whole milliseconds, as timers have them, and no more than they can count.
    const wait = Math.min(Math.max(1, Math.ceil(Math.min(...times) - now)), LONGEST_SLEEP_MS);
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
