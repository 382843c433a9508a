/**
 * Notifications on their way. Each is in the store from when it is made until its receiver has it, or it is given up; each
 * receiver has a lane of its own, so that none holds another up.
 */
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/logger.ts';
import type { Notification } from '../../plugin/notification.ts';
import type { AlertStore } from '../store/store.ts';

import type { Entry } from './entry.ts';
import type { OnTrouble } from './health.ts';
import { Lane, type LaneOptions, type ReceiverStatus } from './lane.ts';
import type { Receiver } from './receiver.ts';
import { Shelf } from './shelf.ts';

export interface OutboxOptions {
  readonly store: AlertStore;
  readonly clock: Clock;
  readonly log: Logger;
  /** In [0, 1). */
  readonly random: () => number;
  readonly receivers: readonly Receiver[];
  /** Told when messages to a receiver do not arrive, and when they do again. */
  readonly onTrouble?: OnTrouble;
}

export class Outbox {
  readonly #shelf: Shelf;
  readonly #laneOptions: LaneOptions;
  readonly #lanes = new Map<string, Lane>();
  /** Keys of what was enqueued by a transaction that may not have ended yet. */
  #arrivals: string[] = [];
  #state: 'new' | 'running' | 'ended' = 'new';

  constructor({ store, clock, log, random, receivers, onTrouble = () => undefined }: OutboxOptions) {
    this.#shelf = new Shelf(store, clock);
    this.#laneOptions = { shelf: this.#shelf, clock, log, random, onTrouble };
    for (const receiver of receivers) this.#lanes.set(receiver.name, new Lane(receiver, this.#laneOptions));
  }

  /**
   * To be called within the transaction that records that this was told. It is sent as soon as that has ended, before
   * anything else that waits for its turn in the process.
   */
  enqueue(notification: Notification): void {
    const isFirst = this.#arrivals.push(this.#shelf.add(notification)) === 1;
    if (isFirst && this.#state === 'running') {
      queueMicrotask(() => {
        this.#admit();
      });
    }
  }

  /** Takes up what an earlier run has left. */
  start(): void {
    this.#state = 'running';
    this.#arrivals = [];
    for (const entry of this.#shelf.load(this.#laneOptions.log)) this.#laneOf(entry)?.accept(entry);
    for (const lane of this.#lanes.values()) lane.start();
  }

  setReceivers(receivers: readonly Receiver[]): void {
    this.#admit();
    const names = new Set(receivers.map(({ name }) => name));
    for (const [name, lane] of this.#lanes) {
      if (names.has(name)) continue;
      lane.close('the receiver was removed');
      this.#lanes.delete(name);
    }
    for (const receiver of receivers) this.#set(receiver);
  }

  status(): readonly ReceiverStatus[] {
    return [...this.#lanes.values()].map((lane) => lane.status());
  }

  /** Sends what can be sent at once, until the signal aborts. The rest stays in the store. */
  async drain(signal: AbortSignal): Promise<void> {
    this.#admit();
    await Promise.all([...this.#lanes.values()].map((lane) => lane.drain(signal)));
    this.#state = 'ended';
  }

  #set(receiver: Receiver): void {
    const lane = this.#lanes.get(receiver.name);
    if (lane !== undefined) {
      lane.use(receiver);
      return;
    }
    const made = new Lane(receiver, this.#laneOptions);
    this.#lanes.set(receiver.name, made);
    if (this.#state === 'running') made.start();
  }

  /** What a transaction has enqueued that failed in the end is not in the store. */
  #admit(): void {
    if (this.#state !== 'running') return;
    const lanes = new Set<Lane>();
    for (const key of this.#arrivals.splice(0)) {
      const entry = this.#shelf.find(key);
      const lane = entry === undefined ? undefined : this.#laneOf(entry);
      if (entry === undefined || lane === undefined) continue;
      lane.accept(entry);
      lanes.add(lane);
    }
    for (const lane of lanes) lane.pump();
  }

  /** Nobody is there for what was meant for a receiver of another configuration. */
  #laneOf(entry: Entry): Lane | undefined {
    const lane = this.#lanes.get(entry.notification.receiver);
    if (lane === undefined) this.#shelf.end(entry, 'gave_up', { why: 'there is no such receiver' });
    return lane;
  }
}
