/** Receivers that are renamed, removed, replaced, or lead to the same place. */
import { describe, expect, it } from '@jest/globals';

import type { Receiver } from '../../../src/alerts/notify/receiver.ts';
import { memoryAlertStore } from '../../../src/alerts/store/memory-store.ts';
import type { AlertStore } from '../../../src/alerts/store/store.ts';

import { PermanentError, RetryableError, TargetError } from '../../../src/plugin/errors.ts';

import { Kit, routingOf, settableClock, settle } from './notify-kit.ts';

const HOUR = 3_600_000;
const AT_ONCE = { route: { group_wait: '0s' } };

interface Given {
  readonly name: string;
  readonly kind?: string;
  readonly target?: string;
  readonly each?: boolean;
}

function scene(first: readonly Given[], store: AlertStore = memoryAlertStore(), clock = settableClock()) {
  const sent: string[] = [];
  /** Of the next calls; then all are accepted. */
  const answers: Promise<void>[] = [];
  const made = (given: readonly Given[]): readonly Receiver[] =>
    given.map(({ name, kind = 'chat', target = 'room 1', each = false }) => ({
      name,
      address: { kind, target },
      each,
      timeout: 10_000,
      rate: { perSecond: 1000, burst: 1000 },
      notifier: {
        notify: (notification) => {
          const alerts = notification.alerts.map(({ fingerprint, status }) => `${fingerprint} ${status}`);
          sent.push(`${name}: ${alerts.join(', ')}`);
          return answers.shift() ?? Promise.resolve();
        },
      },
    }));
  const kit = new Kit({ routing: routingOf(AT_ONCE, made(first)), receivers: made(first), store, clock });
  kit.start();
  const pass = async (ms: number) => {
    clock.advance(ms);
    await settle();
    kit.notifications.tick();
    await settle();
  };
  return {
    kit,
    pass,
    store,
    clock,
    sent,
    answers,
    async use(next: readonly Given[]) {
      kit.notifications.reload(routingOf(AT_ONCE, made(next)), made(next));
      await settle();
    },
    async set(fingerprint: string, level: 'critical' | 'ok') {
      kit.set(fingerprint, level);
      await settle();
      await pass(20_000);
    },
  };
}

describe('a receiver', () => {
  it('F-012: that is renamed hears of the end under its new name', async () => {
    const { set, use, sent } = scene([{ name: 'ops' }]);
    await set('a', 'critical');
    await use([{ name: 'pager' }]);
    await set('a', 'ok');
    expect(sent).toEqual(['ops: a firing', 'pager: a resolved']);
  });

  it('F-012: that is removed and added again within a day hears of the end, also over a restart', async () => {
    const store = memoryAlertStore();
    const clock = settableClock();
    const before = scene([{ name: 'ops' }], store, clock);
    await before.set('a', 'critical');
    await before.use([]);
    await before.set('a', 'ok');
    before.kit.store.isDead = true;
    clock.advance(20 * HOUR);
    const after = scene([], store, clock);
    await after.pass(3 * HOUR);
    await after.use([{ name: 'again' }]);
    await after.pass(20_000);
    expect([...before.sent, ...after.sent]).toEqual(['ops: a firing', 'again: a resolved']);
  });

  it('that does not come back within a day is forgotten, which the history says', async () => {
    const { set, use, pass, sent, kit } = scene([{ name: 'ops' }]);
    await set('a', 'critical');
    await use([]);
    await set('a', 'ok');
    await pass(25 * HOUR);
    await use([{ name: 'ops' }]);
    await pass(20_000);
    expect(sent).toEqual(['ops: a firing']);
    expect(kit.store.history({ kinds: ['suppressed'], limit: 1 })).toMatchObject([
      { reason: 'receiver_removed', fingerprint: 'a', receiver: 'ops' },
    ]);
    expect(kit.store.collection('ledger').entries()).toEqual([]);
    expect(kit.store.collection('facts').entries()).toEqual([]);
  });

  it('whose secret changed keeps its ledger; one of another kind begins without', async () => {
    const { set, use, sent } = scene([{ name: 'ops' }]);
    await set('a', 'critical');
    await use([{ name: 'ops', target: 'room 1, new secret' }]);
    expect(sent).toEqual(['ops: a firing']);
    await use([{ name: 'ops', kind: 'mail' }]);
    expect(sent).toEqual(['ops: a firing', 'ops: a firing']);
  });

  it('that exchanges its name with another one takes its ledger along', async () => {
    const { set, use, sent } = scene([{ name: 'ops' }]);
    await set('a', 'critical');
    await use([{ name: 'ops', target: 'room 2' }, { name: 'dev' }]);
    expect(sent).toEqual(['ops: a firing', 'ops: a firing']);
    await use([{ name: 'dev', target: 'room 2' }, { name: 'ops' }]);
    expect(sent).toHaveLength(2);
    await set('a', 'ok');
    expect([...sent].sort().slice(0, 2)).toEqual(['dev: a resolved', 'ops: a firing']);
  });

  it('that is renamed while it may have got a message hears of the end, also if the message is refused then', async () => {
    const { set, use, sent, answers } = scene([{ name: 'ops' }]);
    answers.push(
      new Promise(() => undefined),
      Promise.reject(new PermanentError('400')),
      Promise.reject(new TargetError('404')),
    );
    await set('a', 'critical');
    await use([{ name: 'pager' }]);
    await set('a', 'ok');
    expect(sent).toEqual(['ops: a firing', 'pager: a firing', 'pager: a firing', 'pager: a resolved']);
  });

  it('of another kind hears of an alert, also if the one before accepts a message late', async () => {
    const { kit, use, sent, answers, pass } = scene([{ name: 'ops' }]);
    let accept: () => void = () => undefined;
    let refuse: (error: Error) => void = () => undefined;
    answers.push(new Promise((resolve) => (accept = resolve)), new Promise((_resolve, reject) => (refuse = reject)));
    kit.set('a', 'critical');
    await settle();
    accept();
    await use([{ name: 'ops', kind: 'mail' }]);
    refuse(new RetryableError('503'));
    await settle();
    await pass(20_000);
    expect(sent).toEqual(['ops: a firing', 'ops: a firing', 'ops: a firing']);
  });

  it('at the address of another one gets nothing of its own, and a warning says so', async () => {
    const { set, use, sent, kit } = scene([{ name: 'ops' }, { name: 'twin' }]);
    await set('a', 'critical');
    expect(kit.log.lines).toContain('warn: The notifiers ops and twin lead to the same place: ops sends for both');
    await use([{ name: 'twin' }, { name: 'ops' }]);
    await set('a', 'ok');
    expect(sent).toEqual(['ops: a firing', 'twin: a resolved']);
  });

  it('that takes one alert per message gets each alone, without waiting for the group', async () => {
    const { set, sent } = scene([{ name: 'ops', each: true }]);
    await set('a', 'critical');
    await set('b', 'critical');
    await set('a', 'ok');
    expect(sent).toEqual(['ops: a firing', 'ops: b firing', 'ops: a resolved']);
  });
});

it('No address is in the store as text.', async () => {
  const { set, store } = scene([{ name: 'ops', target: 'room 1' }]);
  await set('a', 'critical');
  const all = (['receivers', 'ledger', 'attempts'] as const).flatMap((name) => store.collection(name).entries());
  expect(all.length).toBeGreaterThan(1);
  expect(JSON.stringify(all)).not.toContain('room 1');
});
