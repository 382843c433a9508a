import { describe, expect, it } from '@jest/globals';

import { compileOne } from '../rules/rule-kit.ts';

import { fakeRule, Kit, MINUTE, SECOND } from './engine-kit.ts';

const HOUR = 60 * MINUTE;

const silent = () =>
  compileOne({
    id: 'disk_silent',
    metric: 'disk.used',
    group_by: ['path'],
    deadman: { after: '5m', level: 'warning', forget: '2h' },
  });

describe('a heartbeat rule', () => {
  it('fires when a series is silent for its time, whether others report or not', async () => {
    const kit = new Kit({ rules: [await silent()] });
    kit.disk(50, { path: '/var' });
    kit.passWith(5 * MINUTE - SECOND, 50, { path: '/srv' });
    expect(kit.emitted()).toEqual([]);
    kit.passWith(2 * SECOND, 50, { path: '/srv' });
    expect(kit.emitted()).toEqual(['fired warning /var no_data']);
    kit.disk(50, { path: '/var' });
    expect(kit.emitted()).toEqual(['resolved /var']);
  });

  it('remembers its series over a restart', async () => {
    const rules = [await silent()];
    const kit = new Kit({ rules });
    kit.disk(50);
    kit.passWith(2 * MINUTE, 50);
    const next = new Kit({ rules, clock: kit.clock, store: kit.store });
    next.pass(6 * MINUTE);
    expect(next.emitted()).toEqual(['fired warning /var no_data']);
  });

  it('forgets a series after a long silence, for good', async () => {
    const rules = [await silent()];
    const kit = new Kit({ rules });
    kit.disk(50);
    kit.pass(2 * HOUR + SECOND);
    expect(kit.emitted()).toEqual(['fired warning /var no_data', 'resolved /var series_gone']);
    const next = kit.restart(SECOND, { rules });
    next.pass(10 * MINUTE);
    expect(next.emitted()).toEqual([]);
  });
});

it('R-011: a series that is retired for good is forgotten by command, also over a restart', async () => {
  const rules = [await silent()];
  const kit = new Kit({ rules });
  kit.disk(50);
  kit.pass(6 * MINUTE);
  kit.engine.resolve(kit.events[0]?.alert.fingerprint ?? '', 'by hand: ana');
  kit.pass(HOUR);
  expect(kit.emitted()).toEqual(['fired warning /var no_data', 'resolved /var by hand: ana']);
  const next = kit.restart(SECOND, { rules });
  next.pass(HOUR);
  expect(next.emitted()).toEqual([]);
});

describe('R-007: a freeze of the agent', () => {
  const deadman = (after: string) =>
    compileOne({ id: 'disk_silent', metric: 'disk.used', group_by: ['path'], deadman: { after } });
  /** A sample every two seconds. */
  const gather = (kit: Kit, ms: number, paths = ['/var']) => {
    kit.pass(ms, (second) => {
      if (second % 2 === 0) for (const path of paths) kit.disk(50, { path });
    });
  };

  it('longer than the time of a heartbeat rule is no silence', async () => {
    const kit = new Kit({ rules: [await deadman('8s')] });
    gather(kit, 2 * MINUTE);
    kit.freeze(20 * SECOND);
    kit.pass(SECOND);
    gather(kit, MINUTE);
    expect(kit.emitted()).toEqual([]);
  });

  it('delays the detection of silence by the freeze and three intervals', async () => {
    const kit = new Kit({ rules: [await deadman('8s')] });
    gather(kit, 2 * MINUTE);
    kit.freeze(20 * SECOND);
    kit.pass(6 * SECOND);
    expect(kit.emitted()).toEqual([]);
    kit.pass(2 * SECOND);
    expect(kit.emitted()).toEqual(['fired critical /var no_data']);
  });

  it('again and again does not hide a series that is silent while others report', async () => {
    const kit = new Kit({ rules: [await deadman('1m')] });
    gather(kit, 2 * MINUTE, ['/var', '/']);
    for (let count = 0; count < 8; count += 1) {
      kit.freeze(15 * SECOND);
      gather(kit, 10 * SECOND, ['/']);
    }
    expect(kit.emitted()).toEqual(['fired critical /var no_data']);
  });

  it('at every tick does not hide silence for ever', async () => {
    const kit = new Kit({ rules: [await deadman('1m')] });
    gather(kit, 2 * MINUTE);
    for (let count = 0; count < 20; count += 1) {
      kit.freeze(20 * SECOND);
      kit.pass(SECOND);
    }
    expect(kit.emitted()).toEqual(['fired critical /var no_data']);
  });

  it('neither resolves a series as gone nor fires on missing data', () => {
    const kit = new Kit({ rules: [fakeRule({ noData: { after: MINUTE, action: 'alert', level: 'critical' } })] });
    kit.passWith(2 * MINUTE, 95);
    kit.emitted();
    kit.freeze(30 * MINUTE);
    kit.pass(SECOND);
    kit.disk(95, { path: '/' });
    kit.passWith(9 * SECOND, 95);
    kit.disk(95);
    kit.passWith(20 * MINUTE, 95);
    expect(kit.emitted()).toEqual(['fired warning /', 'resolved / series_gone']);
  });
});

it('a series whose silence fires after hours is not forgotten before', () => {
  const kit = new Kit({ rules: [fakeRule({ noData: { after: 3 * HOUR, action: 'alert', level: 'critical' } })] });
  kit.disk(50);
  kit.pass(3 * HOUR + SECOND);
  expect(kit.emitted()).toEqual(['fired critical /var no_data']);
});
