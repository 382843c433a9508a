import { describe, expect, test } from '@jest/globals';

import { countsForSite, DOUBT_MS, isSiteLost, presenceOf, type Heard } from '../../src/hub/presence.ts';

const SETTINGS = { late: 15_000, down: 45_000 };
const heard = (over: Partial<Heard> = {}): Heard => ({
  isApproved: true,
  silentMs: 0,
  goodbye: undefined,
  presence: 'up',
  ...over,
});

describe('presence', () => {
  test.each([
    { silentMs: 0, is: 'up' },
    { silentMs: 14_999, is: 'up' },
    { silentMs: 15_000, is: 'late' },
    { silentMs: 44_999, is: 'late' },
    { silentMs: 45_000, is: 'down' },
  ])('silent for $silentMs ms: $is', ({ silentMs, is }) => {
    expect(presenceOf(heard({ silentMs }), SETTINGS, undefined)).toBe(is);
  });

  test('AL-052: after a goodbye a host is stopped, not down, however long', () => {
    const away = heard({ goodbye: 'stop', silentMs: 1e9 });
    expect(presenceOf(away, SETTINGS, undefined)).toBe('stopped');
    expect(presenceOf({ ...away, goodbye: 'shutdown' }, SETTINGS, undefined)).toBe('stopped');
  });

  test('a reboot has ten minutes', () => {
    expect(presenceOf(heard({ goodbye: 'reboot', silentMs: 500_000 }), SETTINGS, undefined)).toBe('late');
    expect(presenceOf(heard({ goodbye: 'reboot', silentMs: 601_000 }), SETTINGS, undefined)).toBe('down');
  });

  test('a host of a lost site is unreachable, and after the doubt down; one that was down before stays down', () => {
    expect(presenceOf(heard({ silentMs: 60_000 }), SETTINGS, 0)).toBe('unreachable');
    expect(presenceOf(heard({ silentMs: 60_000, presence: 'unreachable' }), SETTINGS, DOUBT_MS)).toBe('down');
    expect(presenceOf(heard({ silentMs: 60_000, presence: 'down' }), SETTINGS, 0)).toBe('down');
  });

  test('waits for approval, whatever is heard', () => {
    expect(presenceOf(heard({ isApproved: false, silentMs: 1e9 }), SETTINGS, undefined)).toBe('pending');
  });

  test.each([
    { expected: 60, silent: 41, lost: true },
    { expected: 60, silent: 29, lost: false },
    { expected: 4, silent: 2, lost: false },
    { expected: 3, silent: 3, lost: true },
    { expected: 2, silent: 2, lost: false },
  ])('$silent of $expected hosts silent: lost $lost', ({ lost, ...count }) => {
    expect(isSiteLost(count)).toBe(lost);
  });

  test('hosts that said goodbye or are down for long say nothing about their site', () => {
    expect(countsForSite(heard({ goodbye: 'stop' }), SETTINGS)).toBe(false);
    expect(countsForSite(heard({ presence: 'down', silentMs: 1e9 }), SETTINGS)).toBe(false);
    expect(countsForSite(heard({ presence: 'down', silentMs: 50_000 }), SETTINGS)).toBe(true);
  });
});
