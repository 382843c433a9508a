import { describe, expect, it } from '@jest/globals';

import { compileOne } from '../rules/rule-kit.ts';

import { fakeRule, HOUR, Kit, MINUTE, SECOND } from './engine-kit.ts';

const deadman = (after: string) =>
  compileOne({ id: 'disk_silent', metric: 'disk.used', group_by: ['path'], deadman: { after } });

describe('a clock that jumps', () => {
  it('AL-054: nothing fires for a minute after a suspend', () => {
    const rule = fakeRule({
      timing: { for: { warning: 5 * MINUTE } },
      noData: { after: 5 * MINUTE, action: 'alert', level: 'critical' },
    });
    const kit = new Kit({ rules: [rule] });
    kit.disk(95);
    kit.passWith(2 * MINUTE, 95);
    kit.clock.step(2 * HOUR);
    kit.passWith(59 * SECOND, 95);
    expect(kit.emitted()).toEqual([]);
    expect(kit.states()).toEqual([]);
    kit.passWith(5 * MINUTE, 95);
    expect(kit.emitted()).toEqual([]);
    kit.passWith(2 * MINUTE, 95);
    expect(kit.emitted()).toEqual(['fired warning /var']);
    expect(kit.store.history({ limit: 1, kinds: ['agent'] })).toMatchObject([
      { reason: 'clock_jump', detail: { ms: 2 * HOUR } },
    ]);
  });

  it.each([
    ['back an hour', -HOUR],
    ['forward a day', 24 * HOUR],
  ])('AL-055: a clock that is set %s ends and fires nothing, and samples go on to count', (_, ms) => {
    const rule = fakeRule({
      timing: { keepFiringFor: 10 * MINUTE },
      noData: { after: 5 * MINUTE, action: 'ok', level: 'info' },
    });
    const kit = new Kit({ rules: [rule] });
    kit.disk(95);
    kit.passWith(2 * MINUTE, 70);
    kit.clock.step(ms);
    kit.disk(70);
    kit.passWith(2 * MINUTE, 70);
    expect(kit.emitted()).toEqual(['fired warning /var']);
    kit.passWith(8 * MINUTE, 70);
    expect(kit.states()).toEqual(['recovering warning /var']);
    kit.passWith(2 * MINUTE, 70);
    expect(kit.emitted()).toEqual(['resolved /var']);
  });

  it.each([-24, -3, -1, 1, 3, 24])('F-029: by %d h keeps what fires and makes no silence', async (hours) => {
    const kit = new Kit({ rules: [fakeRule(), await deadman('25s')] });
    kit.passWith(2 * MINUTE, 95);
    kit.clock.step(hours * HOUR);
    kit.passWith(10 * MINUTE, 95);
    expect(kit.emitted()).toEqual(['fired warning /var']);
    kit.pass(10 * SECOND);
    kit.disk(50);
    const [resolved] = kit.events;
    expect(resolved?.alert.endsAt).toBe(kit.clock.now());
    expect(resolved?.alert.startsAt).toBeLessThanOrEqual(kit.clock.now());
    expect(kit.emitted()).toEqual(['resolved /var']);
  });

  it.each([-24, 24])('F-029: by %d h hides no silence that follows', async (hours) => {
    const kit = new Kit({ rules: [await deadman('25s')] });
    kit.passWith(2 * MINUTE, 50);
    kit.clock.step(hours * HOUR);
    kit.pass(62 * SECOND);
    expect(kit.emitted()).toEqual(['fired critical /var no_data']);
    kit.disk(50);
    expect(kit.emitted()).toEqual(['resolved /var']);
  });

  it.each([-24, -3, 3, 24])('F-029: by %d h at a kill and restart delays no wait by that time', (hours) => {
    const rules = [fakeRule({ timing: { for: { warning: 10 * MINUTE }, keepFiringFor: 10 * MINUTE } })];
    const kit = new Kit({ rules });
    kit.passWith(8 * MINUTE, 95);
    const killed = (old: Kit) => {
      old.clock.step(hours * HOUR);
      return new Kit({ rules, clock: old.clock, store: old.store });
    };
    const next = killed(kit);
    next.passWith(11 * MINUTE, 95);
    expect(next.emitted()).toEqual(['fired warning /var']);
    next.passWith(5 * MINUTE, 70);
    const last = killed(next);
    last.passWith(9 * MINUTE, 70);
    last.passWith(2 * MINUTE, 70);
    expect(last.emitted()).toEqual(['resolved /var']);
  });
});

describe('a clock that is corrected', () => {
  it.each([-59, -30, -5, 5, 30, 59])('F-029: by %d s makes no silence and starts nothing over', async (seconds) => {
    const waiting = fakeRule({ timing: { for: { warning: 5 * MINUTE }, maxGap: 2 * MINUTE } });
    const kit = new Kit({ rules: [waiting, await deadman('25s')] });
    kit.passWith(3 * MINUTE, 95);
    kit.clock.step(seconds * SECOND);
    kit.passWith(3 * MINUTE + 10 * SECOND, 95);
    expect(kit.emitted()).toEqual(['fired warning /var']);
  });
});
