import { describe, expect, it } from '@jest/globals';

import type { Capture } from '../../../src/alerts/context/capture.ts';
import type { ContextTable } from '../../../src/plugin/notification.ts';

import { fakeRule, Kit, MINUTE, SECOND } from './engine-kit.ts';

const table: ContextTable = { kind: 'host', title: 'Then', columns: ['What', 'Used'], rows: [['CPU Usage', '92 %']] };
const rules = [fakeRule({ context: ['host', 'top_cpu'] })];

function fakeCapture(take: Capture['take']) {
  const asked: string[] = [];
  const prepared: string[] = [];
  const capture: Capture = {
    wants: () => false,
    observe() {},
    prepare: (kinds, host) => prepared.push(`${kinds.join(' ')} of ${host}`),
    take(kinds, about) {
      asked.push(`${kinds.join(' ')} of ${about.host}`);
      return take(kinds, about);
    },
  };
  return { capture, asked, prepared };
}

describe('the context of an alert', () => {
  it('AL-119: is captured at the sample that fires, once for an episode', () => {
    const { capture, asked } = fakeCapture(() => [table]);
    const kit = new Kit({ rules, capture });
    kit.disk(50);
    kit.disk(95, { path: '/var' }, kit.clock.now() + 1);
    expect(asked).toEqual(['host top_cpu of web1']);
    expect(kit.events[0]?.alert.context).toEqual([table]);
    kit.passWith(MINUTE, 95);
    kit.passWith(MINUTE, 50);
    expect(asked).toHaveLength(1);
    expect(kit.events[1]?.alert.context).toEqual([table]);
  });

  it('AL-119: follows its event, which announces it', async () => {
    let answer: (tables: readonly ContextTable[]) => void = () => undefined;
    const { capture } = fakeCapture(() => new Promise((resolve) => (answer = resolve)));
    const kit = new Kit({ rules, capture });
    kit.disk(95);
    expect(kit.events).toMatchObject([{ contextFor: 450, alert: { context: [] } }]);
    answer([table]);
    await new Promise(setImmediate);
    expect(kit.contexts).toEqual([[kit.events[0]?.alert.fingerprint, [table]]]);
    expect(kit.engine.alerts()[0]?.alert.context).toEqual([table]);
  });

  it('AL-119: is not used if it arrives after the alert has ended', async () => {
    let answer: (tables: readonly ContextTable[]) => void = () => undefined;
    const { capture } = fakeCapture(() => new Promise((resolve) => (answer = resolve)));
    const kit = new Kit({ rules, capture });
    kit.disk(95);
    kit.disk(50, { path: '/var' }, kit.clock.now() + 1);
    answer([table]);
    await new Promise(setImmediate);
    expect(kit.contexts).toEqual([]);
    expect(kit.emitted()).toEqual(['fired warning /var', 'resolved /var']);
  });

  it('AL-119: is stored, and survives a restart', async () => {
    const { capture } = fakeCapture(() => Promise.resolve([table]));
    const kit = new Kit({ rules, capture });
    kit.disk(95);
    await new Promise(setImmediate);
    const next = kit.restart(MINUTE, { rules });
    expect(next.engine.alerts()[0]?.alert.context).toEqual([table]);
  });

  it('AL-119: cannot hold back its alert by failing', async () => {
    const { capture } = fakeCapture((_, { host }) => {
      if (host === 'web1') return Promise.reject(new Error('no proc'));
      throw new Error('worse');
    });
    const kit = new Kit({ rules, capture });
    kit.disk(95);
    await new Promise(setImmediate);
    kit.disk(95, { host: 'web2', path: '/home' });
    expect(kit.emitted()).toEqual(['fired warning /var', 'fired warning /home']);
  });

  it('is prepared while the alert is pending', () => {
    const { capture, prepared } = fakeCapture(() => []);
    const timing = { for: { warning: MINUTE } };
    const kit = new Kit({ rules: [fakeRule({ context: ['host', 'top_cpu'], timing })], capture });
    kit.passWith(30 * SECOND, 95);
    expect(prepared).toEqual(['host top_cpu of web1']);
  });

  it('is not captured for late samples', () => {
    const { capture, asked } = fakeCapture(() => [table]);
    const kit = new Kit({ rules, capture });
    kit.disk(95, { path: '/var' }, kit.clock.now() - 10 * MINUTE);
    expect(kit.emitted()).toEqual(['fired warning /var (late)']);
    expect(asked).toEqual([]);
  });
});

describe('the trend', () => {
  it('has a mean for each minute of the last hour', () => {
    const kit = new Kit();
    const wave = (second: number) => 50 + Math.floor((second - 1) / 60) / 10;
    kit.passWith(90 * MINUTE, wave);
    kit.disk(95, { path: '/var' }, kit.clock.now() + SECOND);
    const trend = kit.events[0]?.alert.trend;
    expect(trend?.values.length).toBe(60);
    expect(trend?.values.every((value) => value !== null)).toBe(true);
    expect(trend!.until - trend!.since).toBe(60 * MINUTE);
  });

  it('has no value where nothing was measured', () => {
    const kit = new Kit();
    kit.disk(50);
    kit.pass(3 * MINUTE);
    kit.disk(95);
    expect(kit.events[0]?.alert.trend?.values).toEqual([50, null, null, 95]);
  });

  it('is absent for a rule without thresholds', () => {
    const kit = new Kit({ rules: [{ ...fakeRule(), thresholds: {} }] });
    kit.disk(95);
    expect(kit.events[0]?.alert.trend).toBeUndefined();
  });
});
