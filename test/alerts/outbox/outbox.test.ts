import { describe, expect, it } from '@jest/globals';

import { memoryAlertStore } from '../../../src/alerts/store/memory-store.ts';
import { PermanentError, RetryableError, TargetError, TooLargeError } from '../../../src/plugin/errors.ts';
import type { Notification } from '../../../src/plugin/notification.ts';

import {
  alertView,
  fakeReceiver,
  HOUR,
  MINUTE,
  notification,
  pending,
  scene,
  SECOND,
  settle,
  START,
} from './outbox-kit.ts';

const away = new RetryableError('chat.example: nothing listens there');
const ids = (calls: readonly Notification[]) => calls.map(({ id }) => id);
const told = (calls: readonly Notification[]) => calls.map(({ groupKey, reason }) => `${groupKey} ${reason}`);

function started(receivers = [fakeReceiver()], more: Parameters<typeof scene>[0] = {}) {
  const one = scene({ receivers, ...more });
  one.outbox.start();
  return { ...one, chat: receivers[0]! };
}

describe('a notification', () => {
  it('is on its way before anything else happens, once its transaction has ended', async () => {
    const { chat, outbox, store } = started();
    const order: string[] = [];
    setImmediate(() => order.push(`next turn: ${chat.calls.length} sent`));
    store.transaction(() => {
      outbox.enqueue(notification());
      order.push(`in the transaction: ${chat.calls.length} sent`);
    });
    await new Promise(setImmediate);
    expect(order).toEqual(['in the transaction: 0 sent', 'next turn: 1 sent']);
  });

  it('of a transaction that failed is never sent', async () => {
    const { chat, outbox, store, waiting } = started();
    expect(() => {
      store.transaction(() => {
        outbox.enqueue(notification());
        throw new Error('on purpose');
      });
    }).toThrow('on purpose');
    await settle();
    expect(chat.calls).toEqual([]);
    expect(waiting()).toBe(0);
  });

  it('that was accepted is forgotten, but for the history', async () => {
    const { outbox, send, fates, waiting, chat, clock } = started();
    const slow = pending();
    chat.answers = [slow.promise];
    await send(notification({ id: 'n-x' }));
    expect(outbox.status()[0]).toMatchObject({ name: 'chat', waiting: 1, sent: 0 });
    clock.advance(300);
    slow.resolve();
    await settle();
    expect(waiting()).toBe(0);
    expect(fates()).toEqual([
      { fate: 'delivered', id: 'n-x', group: 'g', because: 'first', alerts: 1, attempts: 1, ms: 300 },
    ]);
    expect(outbox.status()).toEqual([
      {
        name: 'chat',
        waiting: 0,
        oldestMs: 0,
        sent: 1,
        failed: 0,
        failures: {},
        dropped: 0,
        lastLatencyMs: 300,
        trouble: undefined,
      },
    ]);
  });

  it('is found in the history by its alert, if it has only one', async () => {
    const { store, send } = started();
    await send(notification(), notification({ groupKey: 'h', alerts: [alertView('x'), alertView('y')] }));
    expect(store.history({ fingerprint: 'g', limit: 9 })).toMatchObject([{ reason: 'delivered', rule: 'disk_space' }]);
    expect(store.history({ fingerprint: 'x', limit: 9 })).toEqual([]);
  });

  it('AL-017: is handed over as a copy, which a notifier may change', async () => {
    const { chat, send, advance } = started();
    chat.notifier.notify = (given) => {
      chat.calls.push(structuredClone(given));
      (given as { groupKey: string }).groupKey = 'changed';
      return chat.calls.length === 1 ? Promise.reject(away) : Promise.resolve();
    };
    await send(notification());
    await advance(10 * SECOND);
    expect(chat.calls.map(({ groupKey }) => groupKey)).toEqual(['g', 'g']);
  });

  it('for nobody is closed with an entry in the history', async () => {
    const { send, fates, waiting } = started();
    await send(notification({ receiver: 'nobody' }));
    expect(waiting()).toBe(0);
    expect(fates()).toMatchObject([{ fate: 'gave_up', why: 'there is no such receiver' }]);
  });
});

describe('what works later', () => {
  it('AL-104: is tried again, with growing waits of at most five minutes, until it is accepted', async () => {
    const { chat, send, advance, fates, clock, log } = started();
    chat.always = away;
    const times: number[] = [];
    const { notify } = chat.notifier;
    chat.notifier.notify = (given, signal) => {
      times.push(Math.round((clock.now() - START) / SECOND));
      return notify(given, signal);
    };
    await send(notification());
    await advance(25 * MINUTE);
    const waits = times.slice(1).map((time, index) => time - times[index]!);
    expect(waits).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
    chat.always = undefined;
    await advance(5 * MINUTE);
    expect(new Set(ids(chat.calls)).size).toBe(1);
    expect(fates().map(({ fate }) => fate)).toEqual([...Array<string>(12).fill('failed'), 'delivered']);
    expect(log.lines.filter((line) => !line.startsWith('error'))).toEqual([
      'warn: A notification to chat was not accepted: chat.example: nothing listens there',
      'info: Notifications to chat are accepted again',
    ]);
  });

  it('is not tried by many agents at the same moment', async () => {
    const { chat, send, advance } = started([fakeReceiver()], { random: 0.25 });
    chat.answers = [away];
    await send(notification());
    await advance(499, 1);
    expect(chat.calls).toHaveLength(1);
    await advance(1);
    expect(chat.calls).toHaveLength(2);
  });

  it('AL-073: one receiver that fails or hangs does not keep another waiting, nor makes it hear things twice', async () => {
    const [a, b, c] = [fakeReceiver('a'), fakeReceiver('b'), fakeReceiver('c')];
    b.always = away;
    c.answers = [new Promise(() => undefined)];
    const { send, advance } = started([a, b, c]);
    const each = () => ['a', 'b', 'c'].map((receiver) => notification({ receiver }));
    await send(...each());
    expect([a, b, c].map(({ calls }) => calls.length)).toEqual([1, 1, 1]);
    await send(...each().map((one) => ({ ...one, groupKey: 'other' })));
    await advance(30 * SECOND);
    expect(told(a.calls)).toEqual(['g first', 'other first']);
    expect(b.calls.length).toBeGreaterThan(4);
  });

  it('does not hold up other groups, and these go first', async () => {
    const { chat, send, advance } = started();
    chat.answers = [away];
    await send(notification({ groupKey: 'a' }));
    await send(notification({ groupKey: 'b' }));
    expect(told(chat.calls)).toEqual(['a first', 'b first', 'a first']);
    await advance(MINUTE);
    expect(chat.calls).toHaveLength(3);
  });

  it('AL-107: an attempt that takes too long is ended and made again with the same id', async () => {
    const { chat, send, advance, fates, outbox } = started([fakeReceiver('chat', { timeout: 5 * SECOND })]);
    chat.answers = [new Promise(() => undefined)];
    await send(notification());
    expect(chat.signals[0]!.aborted).toBe(false);
    await advance(5 * SECOND);
    expect(chat.signals[0]!.aborted).toBe(true);
    expect(fates()).toMatchObject([{ fate: 'failed', kind: 'deadline', error: 'no answer within 5 s' }]);
    await advance(2 * SECOND);
    expect(chat.calls).toHaveLength(2);
    expect(new Set(ids(chat.calls)).size).toBe(1);
    expect(outbox.status()[0]).toMatchObject({ sent: 1, failed: 1, failures: { deadline: 1 } });
  });

  it('that a notifier throws at once, or without being an error, counts as well', async () => {
    const { chat, send, advance } = started();
    const { notify } = chat.notifier;
    chat.notifier.notify = (given, signal) => {
      if (chat.calls.length > 1) return notify(given, signal);
      chat.calls.push(given);
      throw 'a text' as unknown as Error;
    };
    await send(notification());
    await advance(10 * SECOND);
    expect(chat.calls).toHaveLength(3);
  });

  it('is not worth delivering after its time', async () => {
    const { chat, send, advance, fates, outbox, waiting } = started([fakeReceiver('chat', { ttl: HOUR })]);
    chat.always = away;
    await send(notification());
    await advance(HOUR - SECOND, 10 * SECOND);
    expect(waiting()).toBe(1);
    await advance(SECOND);
    expect(waiting()).toBe(0);
    expect(fates().at(-1)).toMatchObject({ fate: 'expired' });
    expect(outbox.status()[0]).toMatchObject({ dropped: 1, waiting: 0 });
  });
});

describe('AL-105: a receiver that asks to be left alone', () => {
  const throttled = (retryAfterMs: number) => new RetryableError('429', { retryAfterMs });

  it('gets nothing at all before the time it asked for', async () => {
    const { chat, send, advance } = started();
    chat.answers = [throttled(90 * SECOND)];
    await send(notification({ groupKey: 'a' }));
    await advance(10 * SECOND);
    await send(notification({ groupKey: 'b' }));
    await advance(79 * SECOND);
    expect(chat.calls).toHaveLength(1);
    await advance(SECOND);
    expect(told(chat.calls)).toEqual(['a first', 'b first', 'a first']);
  });

  it('is asked again after a quarter of an hour, however long it said', async () => {
    const { chat, send, advance } = started();
    chat.answers = [throttled(24 * HOUR)];
    await send(notification());
    await advance(15 * MINUTE - SECOND);
    expect(chat.calls).toHaveLength(1);
    await advance(SECOND);
    expect(chat.calls).toHaveLength(2);
  });

  it('is not hammered if it asks for no time at all', async () => {
    const { chat, send, advance } = started();
    chat.always = throttled(0);
    await send(notification());
    await advance(MINUTE);
    expect(chat.calls.length).toBeLessThan(7);
  });
});

describe('AL-104: a message that is refused', () => {
  it.each([
    ['for good', new PermanentError('400')],
    ['as too large', new TooLargeError('413')],
    ["by a plugin's own copy of the class", Object.assign(new Error('copy'), { name: 'PermanentError' })],
  ])('%s is made shorter, then plain, then given up, and what follows is sent', async (_how, refusal) => {
    const { chat, send, fates, troubles, outbox } = started();
    chat.answers = [refusal, refusal, refusal];
    await send(notification({ id: 'n-bad', groupKey: 'a' }));
    expect(chat.calls.map(({ detail }) => detail)).toEqual(['full', 'short', 'minimal']);
    expect(fates().map(({ fate }) => fate)).toEqual(['failed', 'failed', 'failed', 'gave_up']);
    expect(outbox.status()[0]).toMatchObject({ sent: 0, failed: 3, failures: { client: 3 }, dropped: 1, waiting: 0 });
    await send(notification({ id: 'n-good', groupKey: 'b' }));
    expect(chat.calls.at(-1)).toMatchObject({ id: 'n-good', detail: 'full' });
    expect(troubles).toEqual([
      ['chat', `a message is refused in every form: ${refusal.message}`],
      ['chat', undefined],
    ]);
  });

  it('is accepted in the form that fits', async () => {
    const { chat, send, fates, waiting, troubles } = started();
    chat.answers = [new PermanentError('too long')];
    await send(notification());
    expect(chat.calls.map(({ detail }) => detail)).toEqual(['full', 'short']);
    expect(fates().at(-1)).toMatchObject({ fate: 'delivered', detail: 'short' });
    expect(waiting()).toBe(0);
    expect(troubles).toEqual([]);
  });
});

describe('AL-104: a receiver that is wrong itself', () => {
  const revoked = new TargetError('403: token revoked');

  it('is told of at once, tried every quarter of an hour with the newest message, and gets all when it works', async () => {
    const { chat, send, advance, troubles, waiting } = started();
    chat.always = revoked;
    await send(notification({ groupKey: 'a' }));
    expect(troubles).toEqual([['chat', '403: token revoked']]);
    await send(notification({ groupKey: 'b' }), notification({ groupKey: 'c' }));
    await advance(15 * MINUTE - SECOND);
    expect(chat.calls).toHaveLength(1);
    await advance(SECOND);
    expect(told(chat.calls)).toEqual(['a first', 'c first']);
    chat.always = undefined;
    await advance(15 * MINUTE);
    expect(told(chat.calls).slice(2)).toEqual(['c first', 'b first', 'a first']);
    expect(waiting()).toBe(0);
    expect(troubles).toEqual([
      ['chat', '403: token revoked'],
      ['chat', undefined],
    ]);
  });

  it('is tried at once when the configuration names another notifier', async () => {
    const { chat, send, outbox, troubles } = started();
    chat.always = revoked;
    await send(notification());
    outbox.setReceivers([{ ...chat }]);
    await settle();
    expect(chat.calls).toHaveLength(1);
    const fixed = fakeReceiver();
    outbox.setReceivers([fixed]);
    await settle();
    expect(fixed.calls).toHaveLength(1);
    expect(troubles.at(-1)).toEqual(['chat', undefined]);
  });
});

it('a receiver that has taken nothing for ten minutes is told of, once, and again when it takes something', async () => {
  const { chat, send, advance, troubles, outbox } = started();
  chat.always = away;
  await send(notification());
  await advance(10 * MINUTE - SECOND);
  expect(troubles).toEqual([]);
  await advance(SECOND);
  expect(troubles).toEqual([['chat', 'nothing was accepted for 10 minutes: chat.example: nothing listens there']]);
  expect(outbox.status()[0]).toMatchObject({ waiting: 1, oldestMs: 10 * MINUTE, trouble: troubles[0]![1] });
  await advance(HOUR, 10 * SECOND);
  expect(troubles).toHaveLength(1);
  chat.always = undefined;
  await advance(5 * MINUTE);
  expect(troubles).toHaveLength(2);
  expect(troubles[1]).toEqual(['chat', undefined]);
});

it('no more messages go out than the receiver can take', async () => {
  const { chat, send, advance } = started([fakeReceiver('chat', { rate: { perSecond: 0.5, burst: 3 } })]);
  await send(...['a', 'b', 'c', 'd', 'e'].map((groupKey) => notification({ groupKey })));
  expect(chat.calls).toHaveLength(3);
  await advance(1999, 1);
  expect(chat.calls).toHaveLength(3);
  await advance(1);
  expect(chat.calls).toHaveLength(4);
  await advance(2 * SECOND);
  expect(told(chat.calls)).toEqual(['a first', 'b first', 'c first', 'd first', 'e first']);
});

describe('what the receiver does not know yet', () => {
  const resolved = (more: Partial<Notification> = {}) => notification({ status: 'resolved', ...more });

  it('AL-084: and is over is told as one late message', async () => {
    const { chat, send, advance, fates, waiting } = started();
    chat.always = away;
    await send(notification({ id: 'n-fired' }));
    await send(resolved({ id: 'n-over' }));
    chat.calls.length = 0;
    chat.always = undefined;
    await advance(5 * MINUTE);
    expect(chat.calls).toHaveLength(1);
    expect(chat.calls[0]).toMatchObject({ id: 'n-over', reason: 'late', status: 'resolved' });
    expect(chat.calls[0]!.alerts[0]).toMatchObject({ startsAt: START, endsAt: START + MINUTE });
    expect(fates()).toContainEqual(expect.objectContaining({ fate: 'coalesced', id: 'n-fired', into: 'n-over' }));
    expect(waiting()).toBe(0);
  });

  it('AL-084: also if it ends while the first attempt is still under way and then fails', async () => {
    const { chat, send } = started();
    const slow = pending();
    chat.answers = [slow.promise];
    await send(notification());
    await send(resolved());
    expect(chat.calls).toHaveLength(1);
    slow.reject(new RetryableError('503'));
    await settle();
    expect(told(chat.calls)).toEqual(['g first', 'g late']);
  });

  it('AL-071: an end that could not be told stays, and so does what begins anew meanwhile', async () => {
    const { chat, send, advance } = started();
    await send(notification());
    chat.always = away;
    await send(resolved());
    await send(notification());
    chat.always = undefined;
    await advance(5 * MINUTE);
    const delivered = chat.calls.slice(-2);
    expect(told(delivered)).toEqual(['g all_resolved', 'g first']);
  });

  it('AL-060: but may know, because nobody knows how an attempt ended, is sent again with the same id before what follows', async () => {
    const { chat, send, advance } = started();
    chat.answers = [new Promise(() => undefined)];
    await send(notification({ id: 'n-fired' }));
    await send(resolved({ id: 'n-over' }));
    await advance(MINUTE);
    expect(ids(chat.calls)).toEqual(['n-fired', 'n-fired', 'n-over']);
    expect(chat.calls.at(-1)).toMatchObject({ reason: 'all_resolved' });
  });

  it('is replaced by what is newer', async () => {
    const { chat, send, advance } = started();
    await send(notification());
    chat.always = away;
    for (const reason of ['new_alerts', 'some_resolved', 'repeat', 'level_down'] as const) {
      await send(notification({ id: `n-${reason}`, reason }));
    }
    chat.calls.length = 0;
    chat.always = undefined;
    await advance(5 * MINUTE);
    expect(ids(chat.calls)).toEqual(['n-level_down']);
  });

  it('stays in order within a group', async () => {
    const { chat, send, advance } = started();
    chat.always = away;
    await send(notification({ id: 'n-1' }));
    await send(notification({ id: 'n-2', reason: 'level_up', level: 'critical' }));
    await send(notification({ id: 'n-3', reason: 'level_down' }));
    chat.calls.length = 0;
    chat.always = undefined;
    await advance(5 * MINUTE);
    expect(ids(chat.calls)).toEqual(['n-1', 'n-2', 'n-3']);
  });
});

describe('AL-075: a storm', () => {
  const storm = (count: number, from = 0) =>
    Array.from({ length: count }, (_, index) => notification({ groupKey: `g${from + index}` }));

  it('is told group by group at first, then as one digest', async () => {
    const { chat, send, advance, waiting, fates } = started();
    await send(...storm(1000));
    expect(chat.calls).toHaveLength(20);
    await advance(10 * SECOND);
    expect(chat.calls).toHaveLength(21);
    const digest = chat.calls[20]!;
    expect(digest).toMatchObject({
      reason: 'digest',
      status: 'firing',
      level: 'warning',
      receiver: 'chat',
      truncated: 880,
    });
    expect(digest.id).toMatch(/^[A-Za-z0-9-]+$/);
    expect(digest.alerts).toHaveLength(100);
    expect(digest.alerts.every(({ context, trend }) => context.length === 0 && trend === undefined)).toBe(true);
    expect(waiting()).toBe(0);
    expect(fates().filter(({ fate }) => fate === 'coalesced')).toHaveLength(980);
  });

  it('leads to one digest a minute, as long as it goes on', async () => {
    const { chat, send, advance } = started();
    for (let second = 0; second < 180; second += 1) {
      await send(...storm(3, second * 3));
      await advance(SECOND);
    }
    const digests = chat.calls.filter(({ reason }) => reason === 'digest');
    expect(digests.length).toBeGreaterThanOrEqual(2);
    expect(digests.length).toBeLessThanOrEqual(4);
    const single = chat.calls.length - digests.length;
    expect(single).toBeLessThanOrEqual(20 * 4);
    await advance(2 * MINUTE);
    const fingerprints = chat.calls.flatMap(({ alerts }) => alerts.map(({ fingerprint }) => fingerprint));
    const hidden = chat.calls.reduce((sum, { truncated }) => sum + truncated, 0);
    expect(new Set(fingerprints).size + hidden).toBe(540);
  });

  it('that has ended is over: single messages again', async () => {
    const { chat, send, advance } = started();
    await send(...storm(30));
    await advance(3 * MINUTE);
    chat.calls.length = 0;
    await send(...storm(5, 100));
    expect(told(chat.calls)).toEqual(['g100 first', 'g101 first', 'g102 first', 'g103 first', 'g104 first']);
  });

  it('keeps the order: what is new of a group comes after the digest that tells of it', async () => {
    const { chat, send, advance } = started();
    await send(...storm(30));
    chat.always = away;
    await advance(10 * SECOND);
    expect(chat.calls.at(-1)!.reason).toBe('digest');
    await send(notification({ groupKey: 'g29', status: 'resolved' }));
    chat.calls.length = 0;
    chat.always = undefined;
    await advance(2 * MINUTE);
    expect(told(chat.calls)).toEqual(['digest:chat digest', 'g29 all_resolved']);
    expect(chat.calls[0]!.alerts).toHaveLength(10);
  });

  it('lets the groups that were told of go on by themselves', async () => {
    const { chat, send } = started();
    await send(...storm(30));
    await send(notification({ groupKey: 'g3', status: 'resolved' }));
    expect(told(chat.calls).at(-1)).toBe('g3 all_resolved');
  });
});

describe('the end and the next start', () => {
  it('AL-107: sends what can be sent at once, and keeps the rest', async () => {
    const paced = { rate: { perSecond: 1, burst: 1 } };
    const [a, b] = [fakeReceiver('a', paced), fakeReceiver('b')];
    b.always = away;
    const { outbox, send, advance, waiting } = started([a, b]);
    await send(notification({ receiver: 'b' }));
    await send(...['1', '2', '3'].map((groupKey) => notification({ receiver: 'a', groupKey })));
    let isDrained = false;
    const draining = outbox.drain(new AbortController().signal).then(() => {
      isDrained = true;
    });
    await advance(SECOND);
    expect(isDrained).toBe(false);
    await advance(SECOND);
    await draining;
    expect(a.calls).toHaveLength(3);
    expect(waiting()).toBe(1);
    await advance(HOUR, MINUTE);
    expect(b.calls).toHaveLength(1);
  });

  it('AL-107: waits until the deadline for what hangs, which is sent again after the next start with the same id', async () => {
    const { chat, outbox, send, store, clock, fates, log } = started();
    chat.answers = [new Promise(() => undefined)];
    await send(notification({ id: 'n-hangs' }));
    const deadline = new AbortController();
    const draining = outbox.drain(deadline.signal);
    await settle();
    deadline.abort();
    await draining;
    expect(chat.signals[0]!.aborted).toBe(true);
    expect(fates()).toMatchObject([{ fate: 'failed', kind: 'cancelled' }]);
    expect(log.lines).toEqual([]);
    await send(notification({ id: 'n-later', status: 'resolved' }));

    const next = started([fakeReceiver()], { store, clock });
    await settle();
    expect(ids(next.chat.calls)).toEqual(['n-hangs', 'n-later']);
    expect(next.waiting()).toBe(0);
  });

  it('AL-060: what was being sent when the process was killed is sent again, with the same id', async () => {
    const { chat, send, store, clock } = started();
    chat.answers = [new Promise(() => undefined)];
    await send(notification({ id: 'n-1' }));
    await send(notification({ id: 'n-2', status: 'resolved' }));
    const next = started([fakeReceiver()], { store, clock });
    await settle();
    expect(ids(next.chat.calls)).toEqual(['n-1', 'n-2']);
  });

  it('what has become too old meanwhile is closed, what cannot be read is removed', async () => {
    const { chat, send, store, fates } = started();
    chat.always = away;
    await send(notification({ id: 'n-old' }));
    store.collection('outbox').put('000000000099', { notification: { id: 5 } });
    const { clock } = scene();
    clock.advance(25 * HOUR);
    const next = started([fakeReceiver()], { store, clock });
    await settle();
    expect(next.chat.calls).toEqual([]);
    expect(next.waiting()).toBe(0);
    expect(fates().at(-1)).toMatchObject({ fate: 'expired', id: 'n-old' });
    expect(next.log.lines).toEqual(['warn: Notifications in the outbox cannot be read and are given up']);
    await next.send(notification({ id: 'n-new', time: clock.now() }));
    expect(ids(next.chat.calls)).toEqual(['n-new']);
  });

  it('what was enqueued before the start is sent at the start, once', async () => {
    const chat = fakeReceiver();
    const { outbox, send } = scene({ receivers: [chat], store: memoryAlertStore() });
    await send(notification());
    expect(chat.calls).toEqual([]);
    outbox.start();
    await settle();
    expect(chat.calls).toHaveLength(1);
  });
});

describe('a reload', () => {
  it('AL-083: closes what waits for a receiver that is removed, with an entry in the history', async () => {
    const [a, b] = [fakeReceiver('a'), fakeReceiver('b')];
    b.always = new TargetError('403');
    const { outbox, send, fates, waiting, troubles } = started([a, b]);
    await send(notification({ receiver: 'b' }));
    outbox.setReceivers([a]);
    expect(waiting()).toBe(0);
    expect(fates().at(-1)).toMatchObject({ fate: 'gave_up', why: 'the receiver was removed' });
    expect(troubles.at(-1)).toEqual(['b', undefined]);
    expect(outbox.status().map(({ name }) => name)).toEqual(['a']);
  });

  it('AL-083: ends the attempt that is under way for it', async () => {
    const { chat, outbox, send, fates, waiting } = started();
    chat.answers = [new Promise(() => undefined)];
    await send(notification());
    outbox.setReceivers([]);
    await settle();
    expect(chat.signals[0]!.aborted).toBe(true);
    expect(fates().map(({ fate }) => fate)).toEqual(['gave_up']);
    expect(waiting()).toBe(0);
  });

  it('takes in new receivers, and keeps counters and waits of those that stay', async () => {
    const { chat, outbox, send, advance } = started();
    chat.answers = [undefined, away];
    await send(notification());
    await send(notification({ groupKey: 'h' }));
    const mail = fakeReceiver('mail');
    outbox.setReceivers([{ ...chat, timeout: 1 }, mail]);
    await send(notification({ receiver: 'mail' }));
    expect(mail.calls).toHaveLength(1);
    expect(chat.calls).toHaveLength(2);
    expect(outbox.status()[0]).toMatchObject({ name: 'chat', sent: 1, failed: 1 });
    await advance(2 * SECOND);
    expect(chat.calls).toHaveLength(3);
  });
});
