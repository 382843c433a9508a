/** Alerts of hosts that the hub does not hear, and samples whose times are wrong. */
import { describe, expect, it } from '@jest/globals';

import { fakeRule, HOUR, Kit, MINUTE, SECOND, type FakeRule } from './engine-kit.ts';

function scene(given: FakeRule = {}) {
  const away = new Set<string>();
  const kit = new Kit({ rules: [fakeRule(given)], isAway: (host) => away.has(host) });
  kit.passWith(MINUTE, 95);
  expect(kit.emitted()).toEqual(['fired warning /var']);
  return { kit, away };
}

describe('an alert of a host that is away', () => {
  it('is unknown once its samples are missing, and goes on when the host is back', () => {
    const { kit, away } = scene();
    away.add('web1');
    kit.pass(20 * SECOND);
    expect(kit.states()).toEqual(['firing warning /var']);
    kit.pass(20 * SECOND);
    expect(kit.states()).toEqual(['firing warning /var unknown']);
    expect([kit.engine.unknownOf('web1'), kit.engine.unknownOf('web2')]).toEqual([1, 0]);
    kit.pass(2 * HOUR);
    expect(kit.emitted()).toEqual([]);
    away.clear();
    kit.passWith(MINUTE, 95);
    expect(kit.states()).toEqual(['firing warning /var']);
    expect(kit.emitted()).toEqual([]);
    kit.pass(SECOND);
    kit.disk(10);
    expect(kit.emitted()).toEqual(['resolved /var']);
  });

  it('does not end because nothing comes, as it does on a host that is heard', () => {
    const ends = { noData: { after: 2 * MINUTE, action: 'ok', level: 'critical' } } as const;
    const [lost, heard] = [scene(ends), scene(ends)];
    lost.away.add('web1');
    for (const { kit } of [lost, heard]) kit.pass(10 * MINUTE);
    expect(lost.kit.emitted()).toEqual([]);
    expect(heard.kit.emitted()).toEqual(['resolved /var no_data']);
  });

  it('not of a series that another one outlives: that one ends when its host is heard', () => {
    const { kit, away } = scene();
    away.add('web1');
    kit.passWith(15 * MINUTE, 10, { path: '/srv' });
    expect(kit.emitted()).toEqual([]);
    away.clear();
    kit.passWith(15 * MINUTE, 10, { path: '/srv' });
    expect(kit.emitted()).toEqual(['resolved /var series_gone']);
  });

  it('rules that fire because nothing comes do so', () => {
    const { kit, away } = scene({ noData: { after: 2 * MINUTE, action: 'alert', level: 'critical' } });
    away.add('web1');
    kit.pass(5 * MINUTE);
    expect(kit.emitted()).toEqual(['level_up critical /var no_data']);
    expect(kit.states()).toEqual(['firing critical /var']);
  });

  it('what still comes is known, such as what the hub itself says about the host', () => {
    const { kit, away } = scene();
    away.add('web1');
    kit.passWith(5 * MINUTE, 95);
    expect(kit.states()).toEqual(['firing warning /var']);
  });

  it('AL-039: is unknown after a restart of the hub as well', () => {
    const { kit, away } = scene();
    away.add('web1');
    kit.pass(5 * MINUTE);
    const next = kit.restart(MINUTE, { isAway: (host) => away.has(host) });
    next.pass(10 * MINUTE);
    expect(next.states()).toEqual(['firing warning /var unverified unknown']);
    next.passWith(MINUTE, 95);
    expect(next.emitted()).toEqual([]);
  });

  it('AL-050: ends when the host is forgotten, with that reason', () => {
    const { kit, away } = scene();
    kit.observe('disk', { host: 'web2', path: '/var' }, { used: 95 });
    kit.emitted();
    away.add('web1');
    kit.pass(5 * MINUTE);
    kit.engine.forgetHost('web1');
    expect(kit.emitted()).toEqual(['resolved /var host_forgotten']);
    expect(kit.engine.alerts().map(({ alert }) => alert.host)).toEqual(['web2']);
  });
});

describe('times that are wrong', () => {
  it('AL-053: a plain writer that repeats half an hour with a spike fills the history and wakes nobody', () => {
    const kit = new Kit();
    kit.passWith(MINUTE, 10);
    kit.pass(30 * MINUTE);
    const now = kit.clock.now();
    for (let ago = 29 * MINUTE; ago >= 0; ago -= 10 * SECOND) {
      const isSpike = ago > 10 * MINUTE && ago < 20 * MINUTE;
      kit.disk(isSpike ? 99 : 10, { path: '/var' }, now - ago);
    }
    expect(kit.emitted()).toEqual(['fired warning /var (late)', 'resolved /var (late)']);
    expect(kit.states()).toEqual([]);
  });

  it('AL-053: a breach that is still there is sent with the first present sample', () => {
    const kit = new Kit();
    kit.passWith(MINUTE, 10);
    kit.pass(30 * MINUTE);
    const now = kit.clock.now();
    for (let ago = 29 * MINUTE; ago >= 0; ago -= 10 * SECOND) kit.disk(99, { path: '/var' }, now - ago);
    expect(kit.emitted()).toEqual(['fired warning /var (late)', 'fired warning /var']);
  });

  it('a sample of next year is one of now: those that follow still count', () => {
    const kit = new Kit();
    kit.disk(95, { path: '/var' }, kit.clock.now() + 365 * 24 * HOUR);
    expect(kit.emitted()).toEqual(['fired warning /var']);
    kit.pass(10 * SECOND);
    kit.disk(10);
    expect(kit.emitted()).toEqual(['resolved /var']);
    kit.disk(11, { path: '/var' }, kit.clock.now() + 365 * 24 * HOUR);
    expect(kit.engine.statistics().ahead).toBe(2);
    expect(
      kit.logged.filter((line) => line.includes('of web1 have times of more than ten minutes ahead')),
    ).toHaveLength(1);
  });

  it('a clock that is a few minutes ahead is none', () => {
    const kit = new Kit();
    kit.disk(95, { path: '/var' }, kit.clock.now() + 9 * MINUTE);
    expect(kit.engine.statistics().ahead).toBe(0);
  });
});
