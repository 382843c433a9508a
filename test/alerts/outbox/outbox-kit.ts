/** An outbox with receivers that answer as a test says, on a clock that the test moves. */
import { Outbox } from '../../../src/alerts/outbox/outbox.ts';
import type { Receiver } from '../../../src/alerts/outbox/receiver.ts';
import { memoryAlertStore } from '../../../src/alerts/store/memory-store.ts';
import type { AlertStore } from '../../../src/alerts/store/store.ts';
import type { AlertView, Notification } from '../../../src/plugin/notification.ts';
import { manualClock } from '../../../src/testing.ts';
import { recordingLog } from '../../support/kit/recording-log.ts';

export const START = 1_700_000_000_000;
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

let lastId = 0;

export function alertView(fingerprint: string, more: Partial<AlertView> = {}): AlertView {
  return {
    fingerprint,
    rule: 'disk_space',
    host: 'web1',
    status: 'firing',
    level: 'warning',
    previousLevel: 'ok',
    summary: `Alert ${fingerprint}`,
    description: undefined,
    runbook: undefined,
    value: 96,
    unit: 'percent',
    threshold: 95,
    clear: 90,
    direction: 'above',
    startsAt: START,
    endsAt: more.status === 'resolved' ? START + MINUTE : undefined,
    tags: { host: 'web1' },
    labels: {},
    trend: { since: START - HOUR, until: START, values: [1, 2] },
    context: [{ kind: 'host', title: 'Host', columns: ['a'], rows: [['b']] }],
    ack: undefined,
    silenced: false,
    flapping: false,
    detail: undefined,
    ...more,
  };
}

/** About the alert `a` of the group `g` to `chat`, made at the start of the clock, if nothing else is said. */
export function notification(more: Partial<Notification> = {}): Notification {
  lastId += 1;
  const { status = 'firing', level = 'warning', groupKey = 'g' } = more;
  return {
    id: `n-${lastId}`,
    receiver: 'chat',
    reason: status === 'resolved' ? 'all_resolved' : 'first',
    status,
    level,
    groupKey,
    groupTags: { host: 'web1' },
    alerts: [alertView(groupKey, { status, level })],
    truncated: 0,
    reminder: 0,
    time: START,
    links: [],
    detail: 'full',
    ...more,
  };
}

export interface FakeReceiver extends Receiver {
  /** What was delivered or tried, oldest first. */
  readonly calls: Notification[];
  readonly signals: AbortSignal[];
  /** What happens at the next calls; when it is empty they succeed. A promise decides by itself. */
  answers: (Error | Promise<void> | undefined)[];
  /** Answers all calls for which there is no answer. */
  always: Error | undefined;
}

export function fakeReceiver(name = 'chat', more: Partial<Receiver> = {}): FakeReceiver {
  const receiver: FakeReceiver = {
    name,
    timeout: 10 * SECOND,
    rate: { perSecond: 1000, burst: 1000 },
    ttl: 24 * HOUR,
    ...more,
    calls: [],
    signals: [],
    answers: [],
    always: undefined,
    notifier: {
      notify(told, signal) {
        receiver.calls.push(told);
        receiver.signals.push(signal);
        const answer = receiver.answers.length > 0 ? receiver.answers.shift() : receiver.always;
        return answer instanceof Promise ? answer : answer === undefined ? Promise.resolve() : Promise.reject(answer);
      },
    },
  };
  return receiver;
}

/** A promise that a test ends. */
export function pending(): { readonly promise: Promise<void>; resolve(): void; reject(error: Error): void } {
  let [resolve, reject]: [() => void, (error: Error) => void] = [() => undefined, () => undefined];
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

/** Lets everything happen that needs no time. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 200; i += 1) await Promise.resolve();
}

export interface SceneOptions {
  readonly receivers?: readonly Receiver[];
  readonly store?: AlertStore;
  /** Of the jitter, in [0, 1). */
  readonly random?: number;
  readonly clock?: ReturnType<typeof manualClock>;
}

export function scene({ receivers = [], store = memoryAlertStore(), random = 0.999, ...more }: SceneOptions = {}) {
  const clock = more.clock ?? manualClock(START);
  const log = recordingLog();
  const troubles: (readonly [receiver: string, reason: string | undefined])[] = [];
  const onTrouble = (receiver: string, reason: string | undefined) => troubles.push([receiver, reason]);
  const outbox = new Outbox({ store, clock, log, random: () => random, receivers, onTrouble });
  return {
    outbox,
    store,
    clock,
    log,
    troubles,
    /** Moves the clock in steps, so that one thing can follow from another. */
    async advance(ms: number, step = SECOND) {
      for (let left = ms; left > 0; left -= step) {
        clock.advance(Math.min(step, left));
        await settle();
      }
    },
    async send(...all: readonly Notification[]) {
      store.transaction(() => {
        for (const one of all) outbox.enqueue(one);
      });
      await settle();
    },
    /** The fates of attempts, oldest first. */
    fates: () =>
      [...store.history({ kinds: ['attempt'], limit: 10_000 })].reverse().map(({ reason, detail }) => ({
        fate: reason,
        ...(detail as { id: string; error?: string; why?: string; into?: string }),
      })),
    waiting: () => store.collection('outbox').entries().length,
  };
}
