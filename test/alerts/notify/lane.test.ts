/** The way to one receiver: order, retries, refusals, storms, stop and restart. */
import { describe, expect, it } from '@jest/globals';

import type { Receiver } from '../../../src/alerts/notify/receiver.ts';
import { memoryAlertStore } from '../../../src/alerts/store/memory-store.ts';
import {
  PartialNotifyError,
  PermanentError,
  RetryableError,
  TargetError,
  TooLargeError,
} from '../../../src/plugin/errors.ts';
import type { Notification } from '../../../src/plugin/notification.ts';

import { Kit, routingOf, settableClock, settle, type KitOptions } from './notify-kit.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const BY_RULE = { route: { group_by: ['rule'], group_wait: '0s', group_interval: '1s' } };

const away = Object.assign(new Error('chat.example: nothing listens there'), { code: 'ECONNREFUSED' });
const cut = Object.assign(new Error('cut'), { code: 'ECONNRESET' });

interface Fake extends Receiver {
  readonly calls: Notification[];
  readonly signals: AbortSignal[];
  /** Of the next calls; after them `always`. */
  answers: (Error | Promise<void> | undefined)[];
  always: Error | undefined;
}

function fake(name = 'chat', more: Partial<Receiver> = {}): Fake {
  const receiver: Fake = {
    name,
    address: { kind: 'fake', target: name },
    timeout: 10 * SECOND,
    rate: { perSecond: 1000, burst: 1000 },
    ...more,
    calls: [],
    signals: [],
    answers: [],
    always: undefined,
    notifier: {
      notify(notification, signal) {
        receiver.calls.push(notification);
        receiver.signals.push(signal);
        const answer = receiver.answers.length > 0 ? receiver.answers.shift() : receiver.always;
        return answer instanceof Promise ? answer : answer === undefined ? Promise.resolve() : Promise.reject(answer);
      },
    },
  };
  return receiver;
}

function scene(receivers: readonly Fake[] = [fake()], config: unknown = BY_RULE, more: Partial<KitOptions> = {}) {
  const names = receivers.map(({ name }) => name);
  const clock = more.clock ?? settableClock();
  const troubles: (readonly [string, string | undefined])[] = [];
  const kit = new Kit({ routing: routingOf(config, names), receivers, clock, troubles, ...more });
  kit.start();
  const [chat] = receivers;
  if (chat === undefined) throw new Error('No receiver');
  return {
    kit,
    chat,
    clock,
    troubles,
    notifications: kit.notifications,
    async set(fingerprint: string, level: 'warning' | 'critical' | 'ok') {
      kit.set(fingerprint, level);
      await settle();
    },
    async pass(ms: number, step = SECOND) {
      for (let left = ms; left > 0; left -= step) {
        clock.advance(Math.min(step, left));
        await settle();
        kit.notifications.tick();
        await settle();
      }
    },
    fates: () =>
      [...kit.store.history({ kinds: ['attempt'], limit: 10_000 })].reverse().map(({ reason, detail }) => ({
        fate: reason,
        ...detail,
      })),
    status: () => kit.notifications.status()[0],
  };
}

const told = (calls: readonly Notification[]) =>
  calls.map(({ reason, alerts }) => `${reason} ${alerts.map(({ fingerprint }) => fingerprint).join(' ')}`);

describe('an attempt', () => {
  it('is made before anything else happens, once the transaction has ended', async () => {
    const { kit, chat } = scene();
    const order: string[] = [];
    setImmediate(() => order.push(`next turn: ${chat.calls.length} sent`));
    kit.store.transaction(() => {
      kit.set('a', 'warning');
      order.push(`in the transaction: ${chat.calls.length} sent`);
    });
    await new Promise(setImmediate);
    expect(order).toEqual(['in the transaction: 0 sent', 'next turn: 1 sent']);
  });

  it('that the end of the process cut short may have arrived, also if the next two are refused', async () => {
    const store = memoryAlertStore();
    const clock = settableClock();
    const before = scene([fake()], BY_RULE, { store, clock });
    before.chat.answers = [new Promise(() => undefined)];
    await before.set('a', 'warning');
    before.kit.store.isDead = true;
    const chat = fake();
    chat.answers = [new PermanentError('400'), new TargetError('404')];
    const after = scene([chat], BY_RULE, { store, clock });
    await settle();
    await after.set('a', 'ok');
    await after.pass(MINUTE);
    expect(before.chat.calls).toHaveLength(1);
    expect(chat.calls.at(-1)).toMatchObject({ status: 'resolved', alerts: [{ change: { kind: 'ended' } }] });
  });

  it('that is accepted is in the history of its alert, with the time it took', async () => {
    const { kit, set, fates, chat, clock, status } = scene();
    let accept: () => void = () => undefined;
    chat.answers = [new Promise<void>((resolve) => (accept = resolve))];
    await set('a', 'warning');
    clock.advance(300);
    accept();
    await settle();
    expect(fates()).toEqual([
      {
        fate: 'delivered',
        id: chat.calls[0]?.id,
        group: 'root:{rule="a"}',
        because: 'first',
        alerts: 1,
        kinds: ['fired'],
        ms: 300,
      },
    ]);
    expect(kit.store.history({ fingerprint: 'a', kinds: ['attempt'], limit: 9 })).toHaveLength(1);
    expect(status()).toEqual({
      name: 'chat',
      waiting: 0,
      oldestMs: 0,
      sent: 1,
      failed: 0,
      failingMs: 0,
      failures: {},
      lastLatencyMs: 300,
      trouble: undefined,
    });
  });

  it('AL-017: hands over a copy, which a notifier may change', async () => {
    const { chat, set, pass } = scene();
    const { notify } = chat.notifier;
    chat.notifier.notify = (given, signal) => {
      const answer = notify(structuredClone(given), signal);
      (given as { groupKey: string }).groupKey = 'changed';
      return answer;
    };
    chat.answers = [away];
    await set('a', 'warning');
    await pass(10 * SECOND);
    expect(chat.calls.map(({ groupKey }) => groupKey)).toEqual(['root:{rule="a"}', 'root:{rule="a"}']);
  });
});

describe('an attempt that fails', () => {
  it('AL-104: is made again, with growing waits of at most five minutes, until it is accepted', async () => {
    const { chat, set, pass, clock, kit } = scene();
    chat.always = away;
    const times: number[] = [];
    const { notify } = chat.notifier;
    const start = clock.elapsed();
    chat.notifier.notify = (given, signal) => {
      times.push(Math.round((clock.elapsed() - start) / SECOND));
      return notify(given, signal);
    };
    await set('a', 'warning');
    await pass(25 * MINUTE);
    const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 150, 150, 150, 150, 150, 150, 150, 150]);
    chat.always = undefined;
    await pass(5 * MINUTE);
    expect(new Set(chat.calls.map(({ id }) => id)).size).toBe(1);
    expect(kit.log.lines.filter((line) => !line.startsWith('error'))).toEqual([
      'warn: A notification to chat was not accepted: chat.example: nothing listens there',
      'info: Notifications to chat are accepted again',
    ]);
  });

  it('AL-073: does not keep another receiver waiting', async () => {
    const [a, b, c] = [fake('a'), fake('b'), fake('c')];
    b.always = away;
    c.answers = [new Promise(() => undefined)];
    const { set, pass } = scene([a, b, c]);
    await set('x', 'warning');
    expect([a, b, c].map(({ calls }) => calls.length)).toEqual([1, 1, 1]);
    await set('y', 'warning');
    await pass(30 * SECOND);
    expect(told(a.calls)).toEqual(['first x', 'first y']);
    expect(b.calls.length).toBeGreaterThan(4);
  });

  it('lets other groups go first', async () => {
    const { chat, set, pass } = scene();
    chat.answers = [new RetryableError('500'), new RetryableError('500')];
    await set('a', 'warning');
    await set('b', 'warning');
    await pass(MINUTE);
    expect(told(chat.calls)).toEqual(['first a', 'first b', 'first a', 'first b']);
  });

  it('AL-107: because it took too long is ended and made again with the same id', async () => {
    const { chat, set, pass, fates, status } = scene([fake('chat', { timeout: 5 * SECOND })]);
    chat.answers = [new Promise(() => undefined)];
    await set('a', 'warning');
    expect(chat.signals[0]?.aborted).toBe(false);
    await pass(5 * SECOND);
    expect(chat.signals[0]?.aborted).toBe(true);
    expect(fates()).toMatchObject([{ fate: 'failed', kind: 'deadline', error: 'no answer within 5 s' }]);
    await pass(2 * SECOND);
    expect(chat.calls).toHaveLength(2);
    expect(new Set(chat.calls.map(({ id }) => id)).size).toBe(1);
    expect(status()).toMatchObject({ sent: 1, failed: 1, failures: { deadline: 1 } });
  });

  it('AL-060: with an unknown outcome is made again before what follows, with current values', async () => {
    const { chat, set, pass } = scene();
    chat.answers = [cut];
    await set('a', 'warning');
    await set('a', 'ok');
    await pass(MINUTE);
    expect(told(chat.calls)).toEqual(['first a', 'first a', 'all_resolved a']);
    expect(chat.calls[1]?.id).toBe(chat.calls[0]?.id);
  });

  it('that a notifier throws at once, or that is no error, counts as well', async () => {
    const { chat, set, pass } = scene();
    const { notify } = chat.notifier;
    chat.notifier.notify = (given, signal) => {
      if (chat.calls.length > 0) return notify(given, signal);
      chat.calls.push(given);
      throw 'a text' as unknown as Error;
    };
    await set('a', 'warning');
    await pass(10 * SECOND);
    expect(chat.calls).toHaveLength(2);
  });
});

describe('AL-105: a receiver that asks for a pause', () => {
  const throttled = (retryAfterMs: number) => new RetryableError('429', { retryAfterMs });

  it('gets nothing before the time it asked for, not even news', async () => {
    const { chat, set, pass } = scene();
    chat.answers = [throttled(90 * SECOND)];
    await set('a', 'warning');
    await pass(10 * SECOND);
    await set('b', 'critical');
    await pass(79 * SECOND);
    expect(chat.calls).toHaveLength(1);
    await pass(SECOND);
    expect(told(chat.calls)).toEqual(['first a', 'first b', 'first a']);
  });

  it.each([
    [24 * HOUR, 15 * MINUTE],
    [0, SECOND],
  ])('of %d ms is asked again after %d ms', async (asked, expected) => {
    const { chat, set, pass } = scene();
    chat.answers = [throttled(asked)];
    await set('a', 'warning');
    await pass(expected - SECOND, 10 * SECOND);
    expect(chat.calls).toHaveLength(1);
    await pass(SECOND);
    expect(chat.calls).toHaveLength(2);
  });
});

describe('AL-104: a message that is refused', () => {
  it.each([
    ['for good', new PermanentError('400')],
    ['as too large', new TooLargeError('413')],
    ["by a plugin's own copy of the class", Object.assign(new Error('copy'), { name: 'PermanentError' })],
  ])('%s is made shorter, then plain, then probed, and others go on', async (_how, refusal) => {
    const { chat, set, pass, troubles } = scene();
    chat.answers = [refusal, refusal, refusal];
    await set('a', 'warning');
    expect(chat.calls.map(({ detail }) => detail)).toEqual(['full', 'short', 'minimal']);
    expect(troubles).toEqual([['chat', `a message is refused in every form: ${refusal.message}`]]);
    await set('b', 'warning');
    expect(chat.calls.at(-1)).toMatchObject({ reason: 'first', detail: 'full' });
    await pass(5 * SECOND);
    expect(told(chat.calls)).toEqual(['first a', 'first a', 'first a', 'first b', 'first a']);
    expect(chat.calls.at(-1)).toMatchObject({ detail: 'minimal' });
    expect(troubles.at(-1)).toEqual(['chat', undefined]);
  });

  it('with several alerts is halved until the guilty one is alone', async () => {
    const { chat, kit, pass } = scene([fake()], { route: { group_by: [], group_wait: '0s', group_interval: '1s' } });
    const { notify } = chat.notifier;
    const accepted: string[] = [];
    chat.notifier.notify = async (given, signal) => {
      if (given.alerts.some(({ fingerprint }) => fingerprint === 'bad')) throw new PermanentError('400');
      accepted.push(...given.alerts.map(({ fingerprint }) => fingerprint));
      return notify(given, signal);
    };
    kit.store.transaction(() => {
      for (const each of ['a', 'b', 'bad', 'c', 'd', 'e', 'f']) kit.set(each, 'critical');
    });
    await pass(10 * SECOND);
    expect(accepted.sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });
});

describe('AL-104: a receiver that is wrong itself', () => {
  it('is probed after 5 s, 30 s, 2 min and then every quarter of an hour, and gets all when it works', async () => {
    const { chat, set, pass, troubles, clock } = scene();
    const times: number[] = [];
    const { notify } = chat.notifier;
    const start = clock.elapsed();
    chat.notifier.notify = (given, signal) => {
      times.push((clock.elapsed() - start) / SECOND);
      return notify(given, signal);
    };
    chat.always = new TargetError('403: token revoked');
    await set('a', 'warning');
    expect(troubles).toEqual([]);
    await set('b', 'warning');
    await pass(20 * MINUTE);
    expect(times).toEqual([0, 5, 35, 155, 1055]);
    expect(troubles).toEqual([['chat', '403: token revoked']]);
    chat.always = undefined;
    await pass(15 * MINUTE);
    expect(told(chat.calls.slice(-2)).sort()).toEqual(['first a', 'first b']);
    expect(troubles.at(-1)).toEqual(['chat', undefined]);
  });

  it('AL-104: that answers 404 for three seconds costs five seconds', async () => {
    const { chat, set, pass } = scene();
    chat.answers = [new TargetError('404')];
    await set('a', 'critical');
    await pass(5 * SECOND);
    expect(told(chat.calls)).toEqual(['first a', 'first a']);
  });

  it('is tried at once when the configuration names another notifier', async () => {
    const { chat, set, notifications } = scene();
    chat.always = new TargetError('403');
    await set('a', 'warning');
    notifications.reload(routingOf(BY_RULE, ['chat']), [chat]);
    await settle();
    expect(chat.calls).toHaveLength(1);
    const fixed = fake();
    notifications.reload(routingOf(BY_RULE, ['chat']), [fixed]);
    await settle();
    expect(fixed.calls).toHaveLength(1);
  });
});

it('a receiver that has accepted nothing for ten minutes is in trouble, once', async () => {
  const { chat, set, pass, troubles, status } = scene();
  chat.always = away;
  await set('a', 'warning');
  await pass(10 * MINUTE - SECOND);
  expect(troubles).toEqual([]);
  await pass(SECOND);
  expect(troubles).toEqual([['chat', 'nothing was accepted for 10 minutes: chat.example: nothing listens there']]);
  expect(status()).toMatchObject({ waiting: 1, oldestMs: 10 * MINUTE, trouble: troubles[0]?.[1] });
  await pass(HOUR, 10 * SECOND);
  expect(troubles).toHaveLength(1);
  chat.always = undefined;
  await pass(5 * MINUTE);
  expect(troubles.at(-1)).toEqual(['chat', undefined]);
});

it('no more messages go out than the receiver can take', async () => {
  const { chat, kit, pass } = scene([fake('chat', { rate: { perSecond: 0.5, burst: 3 } })]);
  for (let index = 0; index < 8; index += 1) kit.set(`alert${index}`, 'warning');
  await settle();
  expect(chat.calls).toHaveLength(3);
  await pass(2 * SECOND);
  expect(chat.calls).toHaveLength(4);
  await pass(8 * SECOND);
  expect(chat.calls).toHaveLength(8);
});

describe('AL-084: an alert that ends before the receiver hears of it', () => {
  it('is one late message', async () => {
    const { chat, set, pass } = scene();
    chat.answers = [away];
    await set('a', 'warning');
    await set('a', 'ok');
    await pass(MINUTE);
    expect(told(chat.calls)).toEqual(['first a', 'late a']);
  });

  it('AL-071: and fires again before the end is accepted is ended once', async () => {
    const { chat, set, pass } = scene();
    await set('a', 'warning');
    chat.answers = [away, away];
    await set('a', 'ok');
    await set('a', 'warning');
    await pass(MINUTE);
    await set('a', 'ok');
    await pass(MINUTE);
    const accepted = told(chat.calls);
    expect(accepted[0]).toBe('first a');
    expect(accepted.at(-1)).toBe('all_resolved a');
  });
});

describe('AL-075: a storm', () => {
  const storm = (kit: Kit, count: number, level: 'critical' | 'ok' = 'critical') => {
    for (let index = 0; index < count; index += 1) kit.set(`alert${index}`, level);
  };

  it('is reported group by group at first, then as one digest', async () => {
    const { chat, kit, pass } = scene();
    storm(kit, 60);
    await pass(SECOND);
    expect(chat.calls).toHaveLength(20);
    await pass(5 * SECOND);
    expect(chat.calls).toHaveLength(21);
    expect(chat.calls[20]).toMatchObject({ reason: 'digest', truncated: 0 });
    expect(chat.calls[20]?.alerts).toHaveLength(40);
  });

  it('of ends is one digest a minute, and each end is listed once', async () => {
    const { chat, kit, pass } = scene();
    storm(kit, 60);
    await pass(2 * MINUTE);
    chat.calls.length = 0;
    storm(kit, 60, 'ok');
    await pass(3 * MINUTE);
    const ended = chat.calls.flatMap(({ alerts }) => alerts.map(({ fingerprint }) => fingerprint));
    expect(ended).toHaveLength(60);
    expect(new Set(ended).size).toBe(60);
  });
});

describe('a stop and a start', () => {
  it('AL-107: sends what can be sent, and keeps the rest', async () => {
    const store = memoryAlertStore();
    const clock = settableClock();
    const before = scene([fake()], BY_RULE, { store, clock });
    before.chat.always = away;
    await before.set('a', 'warning');
    await before.notifications.drain(AbortSignal.timeout(1000));
    const after = scene([fake()], BY_RULE, { store, clock });
    await settle();
    expect(told(after.chat.calls)).toEqual(['first a']);
  });

  it('AL-107: waits until the deadline for what hangs, which is sent again with the same id', async () => {
    const store = memoryAlertStore();
    const clock = settableClock();
    const before = scene([fake()], BY_RULE, { store, clock });
    before.chat.answers = [new Promise(() => undefined)];
    await before.set('a', 'warning');
    const deadline = new AbortController();
    const drained = before.notifications.drain(deadline.signal);
    deadline.abort();
    await drained;
    const after = scene([fake()], BY_RULE, { store, clock });
    await settle();
    expect(after.chat.calls.map(({ id }) => id)).toEqual(before.chat.calls.map(({ id }) => id));
  });

  it('what cannot be read in the store is removed', () => {
    const store = memoryAlertStore();
    for (const name of ['facts', 'ledger', 'attempts'] as const)
      store.collection(name).put('chat x', { nonsense: true });
    scene([fake()], BY_RULE, { store });
    for (const name of ['facts', 'ledger', 'attempts'] as const) expect(store.collection(name).entries()).toEqual([]);
  });
});

it('AL-083: a receiver that is removed and comes back knows what it was told', async () => {
  const [chat, ops] = [fake('chat'), fake('ops')];
  const { set, pass, notifications } = scene([chat, ops]);
  await set('a', 'warning');
  notifications.reload(routingOf(BY_RULE, ['ops']), [ops]);
  await set('a', 'ok');
  await pass(MINUTE);
  notifications.reload(routingOf(BY_RULE, ['chat', 'ops']), [chat, ops]);
  await pass(MINUTE);
  expect(told(chat.calls)).toEqual(['first a', 'all_resolved a']);
});

describe('N-003: a message that some recipients defer', () => {
  const partly = (...missing: string[]) => new PartialNotifyError('451 greylisted', missing);
  const recipients = ({ calls }: Fake) =>
    calls.map(({ alerts, recipients: to = ['all'] }) => `${alerts[0]?.fingerprint}: ${to.join(' ')}`);

  it('is sent again to those alone, with the same id, and others are not held back', async () => {
    const { chat, set, pass, troubles, fates } = scene();
    chat.answers = [partly('x@example.org', 'y@example.org'), undefined, partly('y@example.org')];
    await set('a', 'critical');
    await set('b', 'critical');
    await pass(10 * MINUTE);
    expect(recipients(chat)).toEqual(['a: all', 'b: all', 'a: x@example.org y@example.org', 'a: y@example.org']);
    expect(chat.calls[2]?.id).toBe(chat.calls[0]?.id);
    expect(troubles).toEqual([]);
    expect(fates()[0]).toMatchObject({ fate: 'delivered', missing: ['x@example.org', 'y@example.org'] });
  });

  it('is not sent again when a later one says more about its alerts', async () => {
    const { chat, set, pass } = scene([fake()], { route: { group_by: [], group_wait: '0s', group_interval: '1s' } });
    chat.answers = [partly('x@example.org')];
    await set('a', 'critical');
    await set('b', 'critical');
    await set('a', 'ok');
    await pass(20 * MINUTE);
    expect(recipients(chat)).toEqual(['a: all', 'b: all', 'a: all']);
  });

  it('is sent again after a restart, and given up after four hours', async () => {
    const store = memoryAlertStore();
    const clock = settableClock();
    const before = scene([fake()], BY_RULE, { store, clock });
    before.chat.answers = [partly('x@example.org')];
    await before.set('a', 'warning');
    before.kit.store.isDead = true;
    const chat = fake();
    chat.always = partly('x@example.org');
    const after = scene([chat], BY_RULE, { store, clock });
    await after.pass(5 * HOUR, MINUTE);
    expect(chat.calls.length).toBeGreaterThan(8);
    expect(chat.calls.every(({ recipients: to }) => to?.[0] === 'x@example.org')).toBe(true);
    expect(after.kit.log.lines).toContain(
      'warn: A notification to chat did not reach x@example.org within hours; it is given up',
    );
    expect(store.collection('deferred').entries()).toEqual([]);
  });
});
