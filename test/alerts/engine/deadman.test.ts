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

describe('a deadman', () => {
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

  it('remembers over a restart whom it has to hear of', async () => {
    const rules = [await silent()];
    const kit = new Kit({ rules });
    kit.disk(50);
    kit.passWith(2 * MINUTE, 50);
    const next = new Kit({ rules, clock: kit.clock, store: kit.store });
    next.pass(6 * MINUTE);
    expect(next.emitted()).toEqual(['fired warning /var no_data']);
  });

  it('expects nothing more after a long silence, for good', async () => {
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

it('silence that is an alert after hours is not forgotten before', () => {
  const kit = new Kit({ rules: [fakeRule({ noData: { after: 3 * HOUR, action: 'alert', level: 'critical' } })] });
  kit.disk(50);
  kit.pass(3 * HOUR + SECOND);
  expect(kit.emitted()).toEqual(['fired critical /var no_data']);
});
