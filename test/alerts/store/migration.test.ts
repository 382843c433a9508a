/** An `alerts.db` of version 1, recorded from a running agent: `works` was told of an alert, `away` was never reached. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { Notifications } from '../../../src/alerts/notify/notifications.ts';
import type { AlertEvent } from '../../../src/alerts/alert-event.ts';
import { openAlertStore } from '../../../src/alerts/store/sqlite-store.ts';
import type { AlertView, Notification } from '../../../src/plugin/notification.ts';
import { manualClock, silentLog } from '../../../src/testing.ts';
import { routingOf, settle } from '../notify/notify-kit.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'healthd-migration-'));
  copyFileSync(join(import.meta.dirname, 'fixtures/alerts-v1.db'), join(directory, 'alerts.db'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

const STARTED = 1_796_013_812_241;
const ID = '6611ffcaf101bee3';

function open() {
  const clock = manualClock(STARTED + 60_000);
  const store = openAlertStore({ directory, log: silentLog, onEntry: () => undefined, clock });
  const sent: Notification[] = [];
  const receivers = ['works', 'away'].map((name) => ({
    name,
    address: { kind: 'fake', target: name },
    timeout: 1000,
    rate: { perSecond: 100, burst: 100 },
    notifier: {
      notify: (notification: Notification) => {
        sent.push(notification);
        return Promise.resolve();
      },
    },
  }));
  const notifications = new Notifications({
    routing: routingOf({}, ['works', 'away']),
    receivers,
    repeatOf: () => undefined,
    store,
    clock,
    random: () => 0,
    current: () => undefined,
    display: () => ({ publicUrl: undefined, timeZone: 'UTC' }),
    log: silentLog,
  });
  const told = () =>
    sent.splice(0).map(({ receiver, reason, alerts }) => `${receiver} ${reason} ${alerts[0]?.rule ?? ''}`);
  const view = () => (store.collection('facts').get(ID) as { readonly view: AlertView }).view;
  return { clock, store, notifications, told, view };
}

test('a receiver that was told knows it, and one that was not reached is told now', async () => {
  const { store, notifications, told, view } = open();
  expect(store.collection('ledger').entries()).toMatchObject([
    [`away ${ID}`, { heard: 'tried', level: 'critical' }],
    [`works ${ID}`, { heard: 'listed', level: 'critical' }],
  ]);
  const event: AlertEvent = { kind: 'fired', alert: view(), at: STARTED, quiet: undefined };
  notifications.start([event]);
  await settle();
  expect(told()).toEqual(['away first mem']);
  notifications.handle({
    ...event,
    kind: 'resolved',
    alert: { ...event.alert, status: 'resolved', endsAt: STARTED + 1 },
  });
  await settle();
  store.close();
});

test('each is told of the end of an alert that does not fire any more', async () => {
  const { store, notifications, told } = open();
  notifications.start([]);
  await settle();
  expect(told().sort()).toEqual(['away late mem', 'works all_resolved mem']);
  expect(store.collection('ledger').entries()).toEqual([]);
  expect(store.collection('facts').entries()).toEqual([]);
  store.close();
});

test('it is migrated once', () => {
  open().store.close();
  const { store } = open();
  expect(store.collection('ledger').entries()).toHaveLength(2);
  store.close();
});
