import { describe, expect, it } from '@jest/globals';

import { fakeRule, HOUR, Kit, LineEvaluator, MINUTE, SECOND } from './engine-kit.ts';

const five = { timing: { for: { warning: 5 * MINUTE } } };

describe('samples', () => {
  it('AL-001: fires on the first sample', () => {
    const kit = new Kit();
    kit.disk(95);
    expect(kit.emitted()).toEqual(['fired warning /var']);
    expect(kit.states()).toEqual(['firing warning /var']);
  });

  it('AL-002: fires when `for` has elapsed, without waiting for another sample', () => {
    const kit = new Kit({ rules: [fakeRule(five)] });
    kit.disk(95);
    kit.passWith(5 * MINUTE - SECOND, 95);
    expect(kit.states()).toEqual(['pending warning /var']);
    kit.pass(SECOND);
    expect(kit.emitted()).toEqual(['fired warning /var']);
  });

  it('a pending alert starts over after a gap in the samples', () => {
    const kit = new Kit({ rules: [fakeRule(five)] });
    kit.disk(95);
    kit.passWith(MINUTE, 95);
    kit.pass(10 * MINUTE);
    kit.passWith(4 * MINUTE, 95);
    expect(kit.emitted()).toEqual([]);
    kit.passWith(2 * MINUTE, 95);
    expect(kit.emitted()).toEqual(['fired warning /var']);
  });

  it('an interval that has become longer is a gap only once', () => {
    const kit = new Kit({ rules: [fakeRule(five)] });
    kit.passWith(MINUTE, 95);
    kit.pass(9 * MINUTE, (second) => {
      if (second % 60 === 0) kit.disk(95);
    });
    expect(kit.emitted()).toEqual(['fired warning /var']);
  });

  it('AL-007: series of one rule are independent', () => {
    const kit = new Kit();
    for (const [path, used] of [
      ['/', 95],
      ['/var', 50],
      ['/home', 99],
    ] as const)
      kit.disk(used, { path });
    kit.pass(10 * SECOND);
    for (const [path, used] of [
      ['/', 70],
      ['/var', 92],
      ['/home', 99],
    ] as const)
      kit.disk(used, { path });
    expect(kit.emitted()).toEqual(['fired warning /', 'fired warning /home', 'resolved /', 'fired warning /var']);
  });

  it('AL-008: two series that are one alert are an error with the rule and the tags; others go on', () => {
    const kit = new Kit();
    for (let second = 0; second < 60; second += 10) {
      kit.disk(95, { path: '/var', device: 'sda1' });
      kit.disk(10, { path: '/var', device: 'sdb1' });
      kit.disk(95, { path: '/', device: 'sda2' });
      kit.pass(10 * SECOND);
    }
    expect(kit.emitted()).toEqual(['fired warning /var', 'fired warning /']);
    expect(kit.logged).toEqual([expect.stringMatching(/disk_space.*sda1.*sdb1/)]);
    expect(kit.engine.statistics().conflicts).toBe(6);
  });

  it('AL-008: a rule that merges series evaluates them together', () => {
    let judged = 0;
    const rule = fakeRule({
      merges: true,
      createEvaluator() {
        const values: number[] = [];
        return {
          add: (_operand, value) => values.push(Number(value)),
          judge() {
            judged += 1;
            const value = Math.max(...values.splice(0));
            return { reached: value > 90 ? 'warning' : 'ok', held: value > 90 ? 'warning' : 'ok', value };
          },
        };
      },
    });
    const kit = new Kit({ rules: [rule] });
    kit.disk(95, { path: '/var', device: 'sda1' });
    kit.disk(10, { path: '/var', device: 'sdb1' });
    kit.pass(SECOND);
    expect(judged).toBe(1);
    expect(kit.emitted()).toEqual(['fired warning /var']);
    expect(kit.logged).toEqual([]);
  });

  it('AL-009: a rule that groups by no tag has one alert for the host', () => {
    const kit = new Kit({ rules: [fakeRule({ groupBy: [] })] });
    kit.disk(95, {});
    expect(kit.events[0]?.alert.tags).toEqual({ host: 'web1' });
  });

  it('AL-009: also for metrics without a host', () => {
    const kit = new Kit({ rules: [fakeRule({ groupBy: [] })] });
    kit.observe('disk', {}, { used: 95 });
    expect(kit.events[0]?.alert).toMatchObject({ tags: {}, host: '' });
  });

  it('AL-010: an empty tag is not part of the identity', () => {
    const kit = new Kit({
      rules: [fakeRule({ watch: () => ({ identity: { path: '' }, operands: [{ field: 'used', operand: 0 }] }) })],
    });
    kit.disk(95);
    expect(kit.events[0]?.alert.tags).toEqual({ host: 'web1' });
  });

  it('AL-012: another value of a firing alert changes its text and nothing else', () => {
    const kit = new Kit();
    kit.disk(95);
    const [fired] = kit.events;
    kit.pass(10 * SECOND);
    kit.disk(97);
    expect(kit.events).toHaveLength(1);
    const [now] = kit.engine.alerts();
    expect(now?.alert).toMatchObject({ summary: 'Disk /var is 97 % full', fingerprint: fired?.alert.fingerprint });
  });

  it('AL-016: series beyond the limit are refused, existing ones go on, and a free place is used', () => {
    const kit = new Kit({ settings: { maxSeriesPerRule: 2 } });
    kit.disk(95, { path: '/a' });
    kit.disk(50, { path: '/b' });
    kit.disk(95, { path: '/c' });
    kit.disk(95, { path: '/c' });
    expect(kit.emitted()).toEqual(['fired warning /a']);
    expect(kit.logged).toEqual([expect.stringContaining('The rule disk_space matches more than 2 series')]);
    expect(kit.engine.statistics()).toMatchObject({ refused: 2, firing: 1 });
    expect(kit.store.history({ limit: 10, kinds: ['agent'] })).toMatchObject([{ reason: 'series_cap' }]);
    kit.passWith(11 * MINUTE, 95, { path: '/a' });
    kit.disk(95, { path: '/c' });
    expect(kit.emitted()).toEqual(['fired warning /c']);
  });

  it('AL-017: a receiver cannot change a view, nor the engine through it', () => {
    const kit = new Kit();
    kit.disk(95);
    const alert = kit.events[0]!.alert as {
      level: string;
      labels: Record<string, string>;
      tags: Record<string, string>;
    };
    expect(() => (alert.labels['team'] = 'x')).toThrow(TypeError);
    expect(() => (alert.tags['path'] = 'x')).toThrow(TypeError);
    expect(() => (alert.level = 'ok')).toThrow(TypeError);
  });

  it('AL-018: NaN, text and missing fields change neither the state nor a timer', () => {
    const kit = new Kit({ rules: [fakeRule({ timing: { keepFiringFor: MINUTE } })] });
    kit.disk(95);
    kit.pass(10 * SECOND);
    kit.disk(70);
    kit.pass(10 * SECOND);
    kit.disk(Number.NaN);
    kit.disk('full');
    kit.observe('disk', { host: 'web1', path: '/var' }, { other: 1 });
    expect(kit.states()).toEqual(['recovering warning /var']);
    kit.passWith(50 * SECOND, 70);
    expect(kit.emitted()).toEqual(['fired warning /var', 'resolved /var']);
  });

  it('evaluates integers', () => {
    const kit = new Kit();
    kit.disk(95n);
    expect(kit.emitted()).toEqual(['fired warning /var']);
  });

  it('AL-021: older samples do not change it, and a repeated sample counts once', () => {
    const kit = new Kit({ rules: [fakeRule(five)] });
    kit.disk(95);
    kit.disk(95);
    kit.pass(10 * SECOND);
    kit.disk(70, { path: '/var' }, kit.clock.now() - 30 * SECOND);
    expect(kit.states()).toEqual(['pending warning /var']);
    kit.pass(5 * MINUTE);
    expect(kit.emitted()).toEqual([]); // a single sample, however often it came
  });

  it('tags that are not frozen lead to the same alerts', () => {
    const kit = new Kit();
    const tags = { host: 'web1', path: '/var' };
    const observe = (used: number) => {
      kit.engine.observe({ name: 'disk', tags, fields: { used }, time: BigInt(kit.clock.now()) * 1_000_000n });
    };
    observe(95);
    kit.pass(10 * SECOND);
    observe(70);
    expect(kit.emitted()).toEqual(['fired warning /var', 'resolved /var']);
    expect(kit.engine.summaries()).toHaveLength(1);
  });

  it('a rule that throws does not affect others', () => {
    const broken = fakeRule({
      id: 'broken',
      createEvaluator: () => ({
        add() {},
        judge() {
          throw new Error('no');
        },
      }),
    });
    const kit = new Kit({ rules: [broken, fakeRule()] });
    kit.disk(95);
    expect(kit.emitted()).toEqual(['fired warning /var']);
    expect(kit.logged).toEqual([expect.stringContaining('The rule broken failed: no')]);
  });

  it('waits for all measurements of a rule before it evaluates them', () => {
    const sums: number[] = [];
    const rule = fakeRule({
      watch(name) {
        const operand = ['cpu', 'mem'].indexOf(name);
        return operand === -1 ? undefined : { identity: {}, operands: [{ field: 'v', operand }] };
      },
      createEvaluator() {
        const values: number[] = [];
        return {
          add: (operand, value) => (values[operand] = Number(value)),
          judge() {
            if (values.length < 2) return undefined;
            sums.push(values[0]! + values[1]!);
            return { reached: 'ok', held: 'ok', value: 0 };
          },
        };
      },
    });
    const kit = new Kit({ rules: [rule] });
    for (const value of [1, 2, 3]) {
      kit.observe('cpu', { host: 'web1' }, { v: value });
      kit.observe('mem', { host: 'web1' }, { v: 10 * value });
      kit.pass(10 * SECOND);
    }
    expect(sums).toEqual([11, 22, 33]);
  });

  it('does not notify for a history-only rule, but lists its alerts', () => {
    const kit = new Kit({ rules: [fakeRule({ notify: false })] });
    kit.disk(95);
    expect(kit.emitted()).toEqual(['fired warning /var (notify_off)']);
    expect(kit.states()).toEqual(['firing warning /var']);
  });
});

describe('late samples', () => {
  it('AL-053: a spike in a replayed buffer is history only', () => {
    const kit = new Kit();
    const start = kit.clock.now() - 30 * MINUTE;
    for (let minute = 0; minute <= 30; minute += 1) {
      kit.disk(minute === 10 ? 95 : 50, { path: '/var' }, start + minute * MINUTE);
    }
    expect(kit.emitted()).toEqual(['fired warning /var (late)', 'resolved /var (late)']);
    expect(kit.store.history({ limit: 10, kinds: ['transition'] })).toHaveLength(2);
  });

  it('AL-053: is reported if it still holds at present', () => {
    const kit = new Kit();
    const start = kit.clock.now() - 30 * MINUTE;
    for (let minute = 0; minute <= 30; minute += 1) {
      kit.disk(minute >= 10 ? 95 : 50, { path: '/var' }, start + minute * MINUTE);
    }
    const [, reported] = kit.events;
    expect(reported?.alert.startsAt).toBe(start + 10 * MINUTE);
    expect(kit.emitted()).toEqual(['fired warning /var (late)', 'fired warning /var']);
  });

  it('a late end is reported once a present sample agrees', () => {
    const kit = new Kit();
    kit.disk(95);
    const firedAt = kit.clock.now();
    kit.pass(30 * MINUTE);
    kit.emitted();
    for (let minute = 1; minute <= 30; minute += 1) kit.disk(50, { path: '/var' }, firedAt + minute * MINUTE);
    expect(kit.events.at(-1)?.alert.endsAt).toBe(firedAt + MINUTE);
    expect(kit.emitted()).toEqual(['resolved /var (late)', 'resolved /var']);
  });
});

describe('silence', () => {
  const noData = (action: 'keep' | 'ok' | 'alert') =>
    fakeRule({ noData: { after: 5 * MINUTE, action, level: 'critical' } });

  it('AL-033: keeps a firing alert, and the same bad data later is not a new one', () => {
    const kit = new Kit({ rules: [noData('keep')] });
    kit.disk(95);
    kit.pass(2 * HOUR);
    kit.disk(96);
    expect(kit.emitted()).toEqual(['fired warning /var']);
  });

  it('AL-034: fires with the same fingerprint, after its time and not before', () => {
    const kit = new Kit({ rules: [noData('alert')] });
    kit.passWith(MINUTE, 50);
    kit.pass(5 * MINUTE - 2 * SECOND);
    expect(kit.emitted()).toEqual([]);
    kit.pass(3 * SECOND);
    const silent = kit.events[0]?.alert.fingerprint;
    expect(kit.emitted()).toEqual(['fired critical /var no_data']);
    kit.disk(50);
    expect(kit.emitted()).toEqual(['resolved /var']);
    kit.pass(10 * SECOND);
    kit.disk(95);
    expect(kit.events[0]?.alert.fingerprint).toBe(silent);
  });

  it('AL-034: not in the first minute after the start', () => {
    const rule = fakeRule({ noData: { after: 10 * SECOND, action: 'alert', level: 'critical' } });
    const kit = new Kit({ rules: [rule] });
    kit.disk(50);
    kit.pass(59 * SECOND);
    expect(kit.emitted()).toEqual([]);
    kit.pass(SECOND);
    expect(kit.emitted()).toEqual(['fired critical /var no_data']);
  });

  it('AL-035: resolves a firing alert, with the reason', () => {
    const kit = new Kit({ rules: [noData('ok')] });
    kit.disk(95);
    kit.pass(6 * MINUTE);
    expect(kit.emitted()).toEqual(['fired warning /var', 'resolved /var no_data']);
  });

  it('AL-018: unusable values are missing data', () => {
    const kit = new Kit({ rules: [noData('alert')] });
    kit.disk(50);
    kit.pass(6 * MINUTE, (second) => {
      if (second % 10 === 0) kit.disk(Number.NaN);
    });
    expect(kit.emitted()).toEqual(['fired critical /var no_data']);
  });

  it('AL-020: a window that is no longer covered is missing data, not a recovery', () => {
    let isCovered = true;
    const rule = fakeRule({
      noData: { after: 5 * MINUTE, action: 'alert', level: 'critical' },
      createEvaluator() {
        const inner = new LineEvaluator({ warning: [90, 80] });
        return {
          add: (...args) => {
            inner.add(args[0], args[1]);
          },
          judge: () => (isCovered ? inner.judge() : undefined),
        };
      },
    });
    const kit = new Kit({ rules: [rule] });
    kit.passWith(MINUTE, 95);
    isCovered = false;
    kit.passWith(4 * MINUTE, 50);
    expect(kit.emitted()).toEqual(['fired warning /var']);
    kit.passWith(2 * MINUTE, 50);
    expect(kit.emitted()).toEqual(['level_up critical /var no_data']);
  });

  it('AL-036: one of several series that stops is gone, which is not missing data', () => {
    const kit = new Kit({ rules: [noData('alert')] });
    const paths = Array.from({ length: 10 }, (_, index) => `/data${index}`);
    const all = (used: number, which: readonly string[]) => {
      for (const path of which) kit.disk(used, { path });
    };
    all(95, paths);
    kit.emitted();
    kit.pass(10 * MINUTE - 10 * SECOND, (second) => {
      if (second % 10 === 0) all(95, paths.slice(1));
    });
    expect(kit.emitted()).toEqual([]);
    kit.pass(MINUTE, (second) => {
      if (second % 10 === 0) all(95, paths.slice(1));
    });
    expect(kit.emitted()).toEqual(['resolved /data0 series_gone']);
    expect(kit.engine.summaries()).toHaveLength(9);
  });

  it('AL-036: the others may be series that no rule matches', () => {
    const rule = fakeRule();
    const watch: typeof rule.watch = (name, tags) => (tags['path'] === '/var' ? rule.watch(name, tags) : undefined);
    const kit = new Kit({ rules: [{ ...rule, watch }] });
    kit.disk(95);
    kit.passWith(11 * MINUTE, 10, { path: '/' });
    expect(kit.emitted()).toEqual(['fired warning /var', 'resolved /var series_gone']);
  });

  it('a series that returns after it was gone is a new alert', () => {
    const kit = new Kit();
    kit.disk(95);
    kit.passWith(11 * MINUTE, 10, { path: '/' });
    kit.disk(95);
    expect(kit.emitted()).toEqual(['fired warning /var', 'resolved /var series_gone', 'fired warning /var']);
  });
});

describe('flapping', () => {
  const flap = (kit: Kit, times: number) => {
    for (let time = 0; time < times; time += 1) {
      kit.disk(95);
      kit.pass(MINUTE);
      kit.disk(50);
      kit.pass(MINUTE);
    }
  };

  it('AL-100: is reported when it starts and when it ends, and not between', () => {
    const kit = new Kit();
    flap(kit, 4);
    expect(kit.emitted()).toEqual([
      'fired warning /var',
      'resolved /var',
      'fired warning /var',
      'resolved /var',
      'fired warning /var (flapping)',
      'flapping_start warning /var',
      'resolved /var (flapping)',
      'fired warning /var (flapping)',
      'resolved /var (flapping)',
    ]);
    kit.pass(28 * MINUTE);
    expect(kit.emitted()).toEqual([]);
    kit.pass(2 * MINUTE);
    expect(kit.emitted()).toEqual(['flapping_end /var']);
  });

  it('AL-100: ends as firing if the alert fires, with the start that was reported', () => {
    const kit = new Kit();
    flap(kit, 4);
    const startsAt = kit.events.find(({ kind }) => kind === 'flapping_start')?.alert.startsAt;
    kit.disk(95);
    kit.emitted();
    kit.passWith(31 * MINUTE, 95);
    expect(kit.events[0]?.alert).toMatchObject({ status: 'firing', flapping: false, startsAt });
    expect(kit.emitted()).toEqual(['flapping_end warning /var']);
    kit.disk(50, { path: '/var' }, kit.clock.now() + SECOND);
    expect(kit.events[0]?.alert).toMatchObject({ status: 'resolved', startsAt });
  });

  it('AL-101: the count of changes survives a restart', () => {
    const kit = new Kit();
    flap(kit, 2);
    const next = kit.restart(MINUTE);
    next.disk(95);
    expect(next.emitted()).toEqual(['fired warning /var (flapping)', 'flapping_start warning /var']);
    const last = next.restart(MINUTE);
    last.disk(50);
    expect(last.emitted()).toEqual(['resolved /var (flapping)']);
    last.pass(31 * MINUTE);
    expect(last.emitted()).toEqual(['flapping_end /var']);
  });

  it('can be disabled', () => {
    const kit = new Kit({ settings: { flapping: { changes: 0, within: HOUR, quiet: HOUR } } });
    flap(kit, 10);
    expect(kit.emitted().filter((text) => text.includes('flapping'))).toEqual([]);
  });

  it('an alert that ends for another reason while it flaps is reported at once', () => {
    const kit = new Kit();
    flap(kit, 4);
    kit.emitted();
    kit.engine.reload([]);
    expect(kit.emitted()).toEqual(['resolved /var rule_removed']);
  });
});
