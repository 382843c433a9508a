import { describe, expect, it } from '@jest/globals';

import { merge } from '../../../src/alerts/outbox/coalesce.ts';
import type { Notification } from '../../../src/plugin/notification.ts';

import { alertView, notification } from './outbox-kit.ts';

const firing = (reason: Notification['reason'], more: Partial<Notification> = {}) => notification({ reason, ...more });
const over = (more: Partial<Notification> = {}) => notification({ status: 'resolved', ...more });

describe('of two notifications that the receiver does not have', () => {
  it.each([
    ['first', 'late'],
    ['escalation', 'late'],
    ['late', 'late'],
    ['new_alerts', 'all_resolved'],
    ['repeat', 'all_resolved'],
    ['unmuted', 'all_resolved'],
  ] as const)('AL-084: %s and its end become %s', (reason, expected) => {
    const end = over({ id: 'n-end' });
    expect(merge(firing(reason), end)).toEqual({ ...end, reason: expected });
  });

  it.each([
    ['new_alerts', 'level_down'],
    ['some_resolved', 'level_up'],
    ['level_down', 'unmuted'],
  ] as const)('%s is replaced by %s', (older, newer) => {
    const second = firing(newer);
    expect(merge(firing(older), second)).toEqual(second);
  });

  it.each(['new_alerts', 'level_up', 'some_resolved'] as const)('the first stays beside %s', (newer) => {
    expect(merge(firing('first'), firing(newer))).toBeUndefined();
  });

  it('a critical one stays beside one that is not, and is replaced by one that is', () => {
    const critical = (reason: Notification['reason']) => firing(reason, { level: 'critical' });
    expect(merge(critical('level_up'), firing('level_down'))).toBeUndefined();
    const newer = critical('new_alerts');
    expect(merge(critical('level_up'), newer)).toEqual(newer);
  });

  it('a reminder of what was never told is no reminder', () => {
    const reminder = firing('repeat', { reminder: 3 });
    expect(merge(firing('first'), reminder)).toEqual({ ...reminder, reason: 'first', reminder: 0 });
    expect(merge(firing('new_alerts'), reminder)).toEqual({ ...reminder, reason: 'new_alerts', reminder: 0 });
  });

  it('AL-071: an end stays beside what begins anew', () => {
    expect(merge(over(), firing('first'))).toBeUndefined();
  });

  it('both are sent if the newer one does not tell of all alerts of the older one', () => {
    const both = [alertView('a'), alertView('b')];
    expect(merge(firing('new_alerts', { alerts: both }), over({ alerts: [alertView('b')] }))).toBeUndefined();
    const end = over({ alerts: both });
    expect(merge(firing('new_alerts', { alerts: [alertView('b')] }), end)).toEqual(end);
  });

  it('AL-075: of two that cannot list all their alerts, the newer one is enough', () => {
    const newer = firing('new_alerts', { alerts: [alertView('z')], truncated: 900 });
    expect(merge(firing('new_alerts', { truncated: 800 }), newer)).toEqual(newer);
    expect(merge(firing('new_alerts', { truncated: 800 }), firing('new_alerts'))).toBeUndefined();
  });

  it.each(['test', 'digest'] as const)('a %s stands for itself', (reason) => {
    expect(merge(firing(reason), over())).toBeUndefined();
    expect(merge(firing('new_alerts'), firing(reason))).toBeUndefined();
  });
});
