/** What messages say about the past: values when it fired, since when nothing comes, and the thread they belong to. */
import { describe, expect, it } from '@jest/globals';

import type { AlertEvent } from '../../../src/alerts/alert-event.ts';
import { Truth } from '../../../src/alerts/notify/truth.ts';
import { memoryAlertStore } from '../../../src/alerts/store/memory-store.ts';
import type { AlertView, Notification } from '../../../src/plugin/notification.ts';
import { manualClock } from '../../../src/testing.ts';
import { diskAlert } from '../../support/kit/sample-alerts.ts';

import { Kit, routingOf, settle, settableClock } from './notify-kit.ts';

function event(kind: AlertEvent['kind'], value: number, changes: Partial<AlertView> = {}): AlertEvent {
  const alert = diskAlert('web1', { level: 'warning', firedValue: undefined, value, ...changes });
  return { kind, alert, at: alert.startsAt, quiet: undefined };
}

const resolved = (value: number) => event('resolved', value, { status: 'resolved', level: 'critical', endsAt: 1 });

describe('an alert that has ended', () => {
  it('M-005: tells the value of its end from the value at its highest level, and keeps the summary of then', () => {
    const truth = new Truth(memoryAlertStore(), manualClock());
    expect(truth.take(event('fired', 86))?.view).toMatchObject({ value: 86, firedValue: 86 });
    expect(truth.take(event('level_up', 97, { level: 'critical' }))?.view).toMatchObject({ value: 97, firedValue: 97 });
    expect(truth.take(event('level_down', 91))?.view).toMatchObject({
      value: 91,
      firedValue: 97,
      summary: 'Disk /var on web1 is 91 % full',
    });
    expect(truth.take(resolved(62))?.view).toMatchObject({
      value: 62,
      firedValue: 97,
      summary: 'Disk /var on web1 is 97 % full',
    });
  });

  it('M-005: does so after a restart, and forgets it with the next episode', () => {
    const store = memoryAlertStore();
    const clock = manualClock();
    const first = new Truth(store, clock);
    first.take(event('fired', 97));
    const next = new Truth(store, clock);
    // What fires is taken in again at a start.
    next.take(event('fired', 92));
    const end = next.take(resolved(62));
    expect(end?.view).toMatchObject({ value: 62, firedValue: 97, summary: 'Disk /var on web1 is 97 % full' });
    expect(new Truth(store, clock).get(end?.fingerprint ?? '')?.view).toMatchObject({ firedValue: 97 });
    next.release(end?.fingerprint ?? '');
    expect(next.take(event('fired', 88))?.view.firedValue).toBe(88);
  });
});

it('M-007: missing data has no value when it fired, and is missing since the first time', () => {
  const store = memoryAlertStore();
  const truth = new Truth(store, manualClock());
  const silent = (silentSince: number) => event('fired', 62, { detail: 'no_data', silentSince });
  expect(truth.take(silent(1000))?.view).toMatchObject({ firedValue: undefined, silentSince: 1000 });
  // A process that has just started knows only that nothing came since.
  expect(new Truth(store, manualClock()).take(silent(5000))?.view).toMatchObject({ silentSince: 1000 });
  expect(truth.take(event('level_up', 97, { level: 'critical' }))?.view.silentSince).toBeUndefined();
});

it('M-021: context that has not come says so, until it comes', () => {
  const truth = new Truth(memoryAlertStore(), manualClock());
  const fact = truth.take({ ...event('fired', 97), contextFor: 450 });
  expect(fact?.view.context).toMatchObject([{ title: 'What was running', rows: [], note: 'not captured in time' }]);
  truth.addContext(fact?.fingerprint ?? '', []);
  expect(truth.get(fact?.fingerprint ?? '')?.view.context).toEqual([]);
});

describe('the thread of messages', () => {
  const calls: Notification[] = [];
  const receiver = {
    name: 'mail',
    address: { kind: 'fake', target: 'mail' },
    timeout: 1000,
    rate: { perSecond: 1000, burst: 1000 },
    notifier: {
      notify: (notification: Notification) => {
        calls.push(notification);
        return Promise.resolve();
      },
    },
  };
  const routing = routingOf({ route: { group_by: ['host'], group_wait: '0s', group_interval: '1s' } }, ['mail']);

  it('M-015: is one from the first alert of a group until all have ended, also over a restart; then another', async () => {
    const store = memoryAlertStore();
    const clock = settableClock();
    let kit = new Kit({ routing, receivers: [receiver], store, clock });
    kit.start();
    const say = async (name: string, level: 'critical' | 'ok') => {
      kit.set(name, level);
      for (let second = 0; second < 200; second += 1) {
        await settle();
        clock.advance(1000);
        kit.notifications.tick();
      }
      await settle();
      return calls.at(-1)?.thread ?? '';
    };
    const first = await say('a', 'critical');
    const threads = [await say('b', 'critical'), await say('a', 'ok')];
    kit = new Kit({ routing, receivers: [receiver], store, clock });
    kit.start();
    threads.push(await say('c', 'critical'), await say('b', 'ok'), await say('c', 'ok'));
    expect(calls).toHaveLength(6);
    expect(threads).toEqual([first, first, first, first, first]);
    expect(await say('a', 'critical')).not.toBe(first);
  });
});
