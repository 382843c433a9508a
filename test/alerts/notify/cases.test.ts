/** Cases in which receivers were told something wrong, or nothing. Each by itself; the model in promise.test.ts mixes them. */
import { expect, it } from '@jest/globals';

import type { Receiver } from '../../../src/alerts/notify/receiver.ts';
import { PermanentError, RetryableError, TargetError } from '../../../src/plugin/errors.ts';
import type { AlertLevel, Notification } from '../../../src/plugin/notification.ts';

import { Kit, routingOf, settableClock, settle } from './notify-kit.ts';

const SECOND = 1000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const ALL_TOGETHER = { route: { group_by: [], group_wait: '0s', group_interval: '10s' } };

function scene(config: unknown, names: readonly string[] = ['chat'], most = 10) {
  const sent: Notification[] = [];
  const failing = new Map<string, Error>();
  const clock = settableClock();
  const receivers = names.map((name): Receiver => ({
    name,
    address: { kind: 'fake', target: name },
    timeout: 10 * SECOND,
    rate: { perSecond: 1000, burst: 1000 },
    most,
    notifier: {
      notify(notification) {
        const error = failing.get(name);
        if (error !== undefined) return Promise.reject(error);
        sent.push(notification);
        return Promise.resolve();
      },
    },
  }));
  const kit = new Kit({ routing: routingOf(config, names), receivers, clock });
  kit.start();
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= SECOND) {
      clock.advance(Math.min(SECOND, left));
      await settle();
      kit.notifications.tick();
      await settle();
    }
  };
  return {
    kit,
    clock,
    sent,
    failing,
    pass,
    async set(fingerprint: string, level: AlertLevel | 'ok', wait = 20 * SECOND) {
      kit.set(fingerprint, level);
      await settle();
      await pass(wait);
    },
    /** As `chat a:fired b:ended`. */
    words: () =>
      sent.map(({ receiver, alerts }) =>
        [receiver, ...alerts.map(({ fingerprint, change }) => `${fingerprint}:${change?.kind ?? ''}`)].join(' '),
      ),
  };
}

it('F-002: an alert that fires again while its end waits gets its next end', async () => {
  const { set, words } = scene({});
  await set('a', 'warning');
  await set('a', 'ok', 5 * SECOND);
  await set('a', 'warning', 2 * MINUTE);
  await set('a', 'ok', 5 * MINUTE);
  const kinds = words();
  expect(kinds[0]).toBe('chat a:fired');
  expect(kinds.at(-1)).toBe('chat a:ended');
  expect(kinds.filter((each) => each === 'chat a:ended')).toHaveLength(1);
});

it('F-003: a receiver on two routes that was away gets no stale level after the end', async () => {
  const route = { routes: [{ match: { level: 'critical' }, notify: ['chat'] }] };
  const { set, failing, pass, words } = scene({ route });
  await set('a', 'warning');
  failing.set('chat', new RetryableError('503'));
  await set('a', 'critical', MINUTE);
  await set('a', 'ok', MINUTE);
  failing.clear();
  await pass(10 * MINUTE);
  expect(words()).toEqual(['chat a:fired', 'chat a:ended']);
});

it('F-004: an alert whose rule is history only since a reload ends for its receivers, without a repeat before', async () => {
  const { kit, set, words, pass } = scene({ route: { repeat: '5m' } });
  await set('a', 'warning');
  kit.isQuiet = true;
  await set('a', 'warning', HOUR);
  expect(words()).toEqual(['chat a:fired']);
  await set('a', 'ok');
  await pass(MINUTE);
  expect(words()).toEqual(['chat a:fired', 'chat a:ended']);
});

it.each([10, 3])('F-005: of 14 alerts each that was named is named when it ends (%i in a message)', async (most) => {
  const { kit, set, sent, pass } = scene(ALL_TOGETHER, ['chat'], most);
  for (let index = 0; index < 14; index += 1) kit.set(`a${index}`, 'warning');
  await pass(MINUTE);
  const named = new Set(sent.flatMap(({ alerts }) => alerts.map(({ fingerprint }) => fingerprint)));
  expect(named.size).toBe(most);
  expect(sent[0]?.truncated).toBe(14 - most);
  await set('new', 'critical', MINUTE);
  expect(sent.at(-1)?.alerts[0]?.fingerprint).toBe('new');
  for (let index = 0; index < 14; index += 1) kit.set(`a${index}`, 'ok');
  await pass(5 * MINUTE);
  const ended = sent.flatMap(({ alerts }) => alerts.filter(({ status }) => status === 'resolved'));
  const names = ended.map(({ fingerprint }) => fingerprint);
  expect(new Set(names).size).toBe(names.length);
  expect([...named].filter((name) => !names.includes(name))).toEqual([]);
});

const ESCALATES = { route: { group_by: [], notify: ['chat'], escalate: [{ after: '5m', notify: ['boss'] }] } };

it('F-006: a new critical alert escalates by its own age, in a group that has escalated', async () => {
  const { set, words } = scene(ESCALATES, ['chat', 'boss']);
  await set('a', 'critical', 6 * MINUTE);
  await set('b', 'critical', 4 * MINUTE);
  expect(words()).toEqual(['chat a:fired', 'boss a:fired', 'chat b:fired']);
  await set('b', 'critical', 2 * MINUTE);
  expect(words().at(-1)).toBe('boss b:fired');
});

it('F-007: after escalation on two routes a receiver gets one end', async () => {
  const escalate = [{ after: '1m', notify: ['boss'] }];
  const routes = [
    { name: 'first', match: { level: 'critical' }, continue: true, notify: ['chat'], escalate },
    { name: 'second', match: { level: 'critical' }, notify: ['chat'], escalate },
  ];
  const { set, words } = scene({ route: { routes } }, ['chat', 'boss']);
  await set('a', 'critical', 5 * MINUTE);
  await set('a', 'ok', MINUTE);
  expect(words().sort()).toEqual(['boss a:ended', 'boss a:fired', 'chat a:ended', 'chat a:fired']);
});

it('R-017: two routes with `continue` to one receiver send it one message', async () => {
  const routes = [
    { name: 'first', match: { level: 'critical' }, continue: true },
    { name: 'second', match: { level: 'critical' } },
  ];
  const { set, words } = scene({ route: { routes } });
  await set('a', 'critical');
  await set('a', 'ok', MINUTE);
  expect(words()).toEqual(['chat a:fired', 'chat a:ended']);
});

it.each([-2 * HOUR, 2 * HOUR])('F-008: a clock that is set by %i ms delays no message', async (step) => {
  const { set, clock, words } = scene({});
  await set('a', 'warning', 5 * SECOND);
  clock.step(step);
  await set('b', 'critical', 15 * SECOND);
  expect(words().join()).toContain('a:fired');
  expect(words().join()).toContain('b:fired');
  await set('a', 'ok', 130 * SECOND);
  expect(words().join()).toContain('a:ended');
});

it('F-009, R-010: an alert shorter than group_wait, or than group_interval, gives one late note', async () => {
  const { set, words, pass } = scene({ route: { group_by: [] } });
  await set('a', 'warning', 7 * SECOND);
  await set('a', 'ok', MINUTE);
  expect(words()).toEqual(['chat a:missed']);
  await set('b', 'warning', MINUTE);
  await set('c', 'warning', 10 * SECOND);
  await set('c', 'ok', SECOND);
  await pass(5 * MINUTE);
  expect(words()).toEqual(['chat a:missed', 'chat b:fired', 'chat c:missed']);
});

it('F-010: what is refused in every form, like an answer 200 that is no "ok", is tried again after seconds', async () => {
  const { set, failing, pass, words } = scene({});
  failing.set('chat', new PermanentError('Slack answered 200 with the error "invalid_payload"'));
  await set('a', 'critical', SECOND);
  failing.clear();
  await pass(10 * SECOND);
  expect(words()).toEqual(['chat a:fired']);
});

it('F-011: a receiver that answers 404 for three seconds is notified within ten', async () => {
  const { set, failing, pass, words } = scene({});
  failing.set('chat', new TargetError('404'));
  await set('a', 'critical', 3 * SECOND);
  failing.clear();
  await pass(7 * SECOND);
  expect(words()).toEqual(['chat a:fired']);
});
