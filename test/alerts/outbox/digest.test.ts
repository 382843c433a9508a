import { expect, it } from '@jest/globals';

import { digestOf } from '../../../src/alerts/outbox/digest.ts';
import { newEntry } from '../../../src/alerts/outbox/entry.ts';

import { alertView, notification, START } from './outbox-kit.ts';

it('AL-075: a digest has the newest state of each alert, the worst first, and says how many there are beside', () => {
  const entries = [
    notification({ groupKey: 'g1', alerts: [alertView('a'), alertView('b', { level: 'critical' })] }),
    notification({ groupKey: 'g2', alerts: [alertView('c', { level: 'info' })], truncated: 7 }),
    notification({
      groupKey: 'g1',
      status: 'resolved',
      alerts: [alertView('b', { status: 'resolved', level: 'critical' })],
    }),
    notification({ groupKey: 'g3', alerts: [alertView('d', { startsAt: START - 1 })] }),
  ].map((one, index) => newEntry(String(index), one, START + index));
  const { notification: digest, groups, queuedAt } = digestOf(entries, '000000000009', 'chat', START + 10);
  expect(digest.alerts.map(({ fingerprint }) => fingerprint)).toEqual(['d', 'a', 'c', 'b']);
  expect(digest).toMatchObject({
    reason: 'digest',
    status: 'firing',
    level: 'warning',
    truncated: 7,
    time: START + 10,
  });
  expect(digest.id).toMatch(/^[A-Za-z0-9-]+$/);
  expect(groups).toEqual(['g1', 'g2', 'g3']);
  expect(queuedAt).toBe(START);
});

it('a digest of what is over is itself over, at the highest level that there was', () => {
  const entries = (['warning', 'critical'] as const).map((level) =>
    newEntry(level, notification({ groupKey: level, status: 'resolved', level }), START),
  );
  expect(digestOf(entries, '1', 'chat', START).notification).toMatchObject({ status: 'resolved', level: 'critical' });
});
