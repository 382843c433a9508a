/** Rules across hosts: which values count, and what becomes of them. */
import { describe, expect, it } from '@jest/globals';

import type { WrittenRule } from '../../../src/alerts/rules/schema.ts';
import { nanoseconds } from '../../../src/core/clock.ts';
import { compileOne } from '../rules/rule-kit.ts';

import { HOUR, Kit, MINUTE, SECOND } from './engine-kit.ts';

const GATHER = MINUTE;

async function kitWith(rule: Omit<WrittenRule, 'id'>, settings = {}): Promise<Fleet> {
  return new Fleet(new Kit({ rules: [await compileOne({ id: 'fleet', ...rule })], settings }));
}

type Fields = Readonly<Record<string, number | string>>;

/** Hosts that report every ten seconds. */
class Fleet {
  readonly kit: Kit;
  readonly hosts = new Map<string, { readonly fields: Fields; readonly tags: Readonly<Record<string, string>> }>();
  readonly measurement: string;

  constructor(kit: Kit, measurement = 'system') {
    this.kit = kit;
    this.measurement = measurement;
  }

  set(host: string, fields: Fields, tags: Readonly<Record<string, string>> = {}): void {
    this.hosts.set(host, { fields, tags });
  }

  pass(ms: number): void {
    this.kit.pass(ms, (second) => {
      if (second % 10 === 0) for (const host of this.hosts.keys()) this.report(host);
    });
  }

  report(host: string, at = this.kit.clock.now(), offsetMs = 0): void {
    const { fields, tags } = this.hosts.get(host)!;
    const metric = { name: this.measurement, tags: { host, ...tags }, fields, time: nanoseconds(at) };
    this.kit.engine.observeMember(metric, { id: `id of ${host}`, offsetMs });
  }

  said(): readonly string[] {
    return this.kit.events.splice(0).map(({ kind, alert }) => `${kind} ${alert.level}: ${alert.summary}`);
  }
}

const LOADED = { metric: 'system.load1', hosts: { fn: 'share', above: 5 }, above: { warning: 30 } } as const;

describe('a share of hosts', () => {
  it('fires for all of them together, names them, and has no host', async () => {
    const fleet = await kitWith(LOADED);
    for (const host of ['a', 'b', 'c', 'd']) fleet.set(host, { load1: 1 });
    fleet.pass(2 * GATHER);
    fleet.set('a', { load1: 9 });
    fleet.pass(MINUTE);
    expect(fleet.said()).toEqual([]);
    fleet.set('c', { load1: 9 });
    fleet.pass(20 * SECOND);
    expect(fleet.kit.events[0]?.alert).toMatchObject({ host: '', tags: {}, value: 50, unit: 'percent', context: [] });
    expect(fleet.said()).toEqual(['fired warning: 50 % of 4 hosts have system.load1 above 5: a, c']);
    fleet.set('a', { load1: 1 });
    fleet.pass(20 * SECOND);
    expect(fleet.said()).toEqual(['resolved warning: 25 % of 4 hosts have system.load1 above 5: c']);
  });

  it('is of the hosts that report: a silent one counts on neither side after three of its intervals', async () => {
    const fleet = await kitWith(LOADED);
    for (const host of ['a', 'b', 'c', 'd']) fleet.set(host, { load1: 1 });
    fleet.set('a', { load1: 9 });
    fleet.pass(2 * GATHER);
    for (const host of ['b', 'c']) fleet.hosts.delete(host);
    fleet.pass(50 * SECOND);
    expect(fleet.said()).toEqual([]);
    fleet.pass(30 * SECOND);
    expect(fleet.said()).toEqual(['fired warning: 50 % of 2 hosts have system.load1 above 5: a']);
  });

  it('waits a minute after a start, when only some hosts have reported', async () => {
    const fleet = await kitWith(LOADED);
    fleet.set('a', { load1: 9 });
    fleet.pass(GATHER - 10 * SECOND);
    expect(fleet.said()).toEqual([]);
    for (const host of ['b', 'c', 'd']) fleet.set(host, { load1: 1 });
    fleet.pass(2 * GATHER);
    expect(fleet.said()).toEqual([]);
  });

  it('counts each of two hosts with one name', async () => {
    const fleet = await kitWith({ ...LOADED, hosts: { fn: 'count' }, above: { warning: 1 } });
    fleet.set('a', { load1: 1 });
    fleet.pass(2 * GATHER);
    expect(fleet.said()).toEqual([]);
    fleet.kit.pass(20 * SECOND, () => {
      fleet.report('a');
      fleet.kit.observe('system', { host: 'a' }, { load1: 2 });
    });
    expect(fleet.said()).toEqual(['fired warning: 2 hosts report system.load1: a, a']);
  });
});

describe('a number of hosts', () => {
  const FEW = {
    metric: 'systemd_unit.active',
    where: { name: 'worker.service' },
    hosts: { fn: 'count', equals: 1 },
    below: { critical: 3 },
    summary: 'Only {{ value }} run the worker ({{ tags.hosts }})',
  } as const;

  it('falls when hosts fall silent, down to none', async () => {
    const fleet = await kitWith(FEW);
    const workers = new Fleet(fleet.kit, 'systemd_unit');
    for (const host of ['a', 'b', 'c']) workers.set(host, { active: 1 }, { name: 'worker.service' });
    workers.set('d', { active: 0 }, { name: 'worker.service' });
    workers.set('e', { active: 1 }, { name: 'other.service' });
    workers.pass(2 * GATHER);
    expect(workers.said()).toEqual([]);
    workers.hosts.delete('a');
    workers.pass(80 * SECOND);
    expect(workers.said()).toEqual(['fired critical: Only 2 hosts run the worker (b, c)']);
    workers.hosts.clear();
    workers.pass(HOUR);
    expect(workers.kit.engine.alerts().map(({ alert }) => alert.value)).toEqual([0]);
    for (const host of ['a', 'b', 'c']) workers.set(host, { active: 1 }, { name: 'worker.service' });
    workers.pass(20 * SECOND);
    expect(workers.said()).toEqual(['resolved critical: Only 3 hosts run the worker (a, b, c)']);
  });

  it('is none from the beginning, if nobody reports', async () => {
    const fleet = await kitWith(FEW);
    fleet.kit.pass(GATHER - 10 * SECOND);
    expect(fleet.said()).toEqual([]);
    fleet.kit.pass(20 * SECOND);
    expect(fleet.said()).toEqual(['fired critical: Only 0 hosts run the worker ()']);
  });
});

describe('a value over hosts', () => {
  it('the sum of all series, by group; a group without hosts ends, one that comes is added', async () => {
    const fleet = await kitWith({
      metric: 'disk.used',
      group_by: ['site'],
      hosts: { fn: 'sum' },
      above: { warning: '1000B' },
    });
    const disks = new Fleet(fleet.kit, 'disk');
    disks.set('a', { used: 600 }, { site: 'fra', path: '/' });
    disks.set('b', { used: 500 }, { site: 'fra', path: '/' });
    disks.set('c', { used: 900 }, { site: 'ams', path: '/' });
    disks.pass(2 * GATHER);
    expect(disks.said()).toEqual(['fired warning: The sum of disk.used over 2 hosts is 1.07 KiB: a, b (site=fra)']);
    disks.hosts.delete('a');
    disks.hosts.delete('b');
    disks.pass(12 * MINUTE);
    expect(disks.kit.events.splice(0).map(({ kind, alert }) => [kind, alert.detail])).toEqual([
      ['resolved', 'series_gone'],
    ]);
  });

  it('mean, max and min; calc comes first, the window after', async () => {
    const values = async (fn: 'mean' | 'max' | 'min') => {
      const fleet = await kitWith({ ...LOADED, calc: 'value * 2.0', hosts: { fn }, above: { warning: 0.5 } });
      fleet.set('a', { load1: 1 });
      fleet.set('b', { load1: 4 });
      fleet.pass(2 * GATHER);
      return fleet.kit.engine.alerts().map(({ alert }) => alert.value);
    };
    expect([await values('mean'), await values('max'), await values('min')]).toEqual([[5], [8], [2]]);
    const fleet = await kitWith({
      ...LOADED,
      hosts: { fn: 'sum' },
      window: { of: '2m', fn: 'mean' },
      above: { info: 0 },
    });
    fleet.set('a', { load1: 1 });
    fleet.pass(2 * GATHER);
    expect(fleet.said()).toEqual([]);
    fleet.pass(2 * GATHER);
    expect(fleet.said()).toEqual(['fired info: The sum of system.load1 over 1 hosts is 1 tasks: a']);
  });
});

describe('values that do not count', () => {
  it('AL-053: lines of an outage that come late, though each is newer than the one before', async () => {
    const fleet = await kitWith(LOADED);
    fleet.set('a', { load1: 1 });
    fleet.set('b', { load1: 1 });
    fleet.pass(2 * GATHER);
    const b = fleet.hosts.get('b')!;
    fleet.hosts.delete('b');
    fleet.pass(30 * MINUTE);
    fleet.hosts.set('b', { ...b, fields: { load1: 9 } });
    for (let ago = 29 * MINUTE; ago > 2 * MINUTE; ago -= 10 * SECOND) fleet.report('b', fleet.kit.clock.now() - ago);
    fleet.hosts.delete('b');
    fleet.pass(MINUTE);
    expect(fleet.said()).toEqual([]);
    fleet.hosts.set('b', b);
    fleet.pass(MINUTE);
    expect(fleet.said()).toEqual([]);
  });

  it('counts lines of a host whose clock is wrong by the difference that the hub has measured', async () => {
    const fleet = await kitWith({ ...LOADED, hosts: { fn: 'count', above: 5 }, above: { warning: 1 } });
    for (const host of ['behind', 'ahead']) fleet.set(host, { load1: 9 });
    fleet.kit.pass(2 * GATHER, () => {
      fleet.report('behind', fleet.kit.clock.now() - HOUR, HOUR);
      fleet.report('ahead', fleet.kit.clock.now() + HOUR, -HOUR);
    });
    expect(fleet.said()).toEqual(['fired warning: 2 hosts have system.load1 above 5: ahead, behind']);
  });

  it('AL-054: what was measured before the clock jumped; all hosts have a minute again', async () => {
    const fleet = await kitWith({ ...LOADED, hosts: { fn: 'count' }, above: undefined, below: { critical: 2 } });
    for (const host of ['a', 'b']) fleet.set(host, { load1: 1 });
    fleet.pass(2 * GATHER);
    fleet.kit.clock.step(2 * HOUR);
    fleet.kit.pass(50 * SECOND);
    expect(fleet.said()).toEqual([]);
    fleet.pass(2 * GATHER);
    expect(fleet.said()).toEqual([]);
  });

  it('time in which the hub stood still makes no host silent', async () => {
    const fleet = await kitWith({ ...LOADED, hosts: { fn: 'count' }, above: undefined, below: { critical: 2 } });
    for (const host of ['a', 'b']) fleet.set(host, { load1: 1 });
    fleet.pass(2 * GATHER);
    fleet.kit.freeze(5 * MINUTE);
    fleet.kit.pass(5 * SECOND);
    fleet.pass(MINUTE);
    expect(fleet.said()).toEqual([]);
  });
});

describe('bounds and changes', () => {
  it('AL-016: groups beyond the limit are refused once, and those that are known go on', async () => {
    const fleet = await kitWith({ ...LOADED, group_by: ['site'] }, { maxSeriesPerRule: 2 });
    for (const site of ['x', 'y', 'z']) fleet.set(`host-${site}`, { load1: 9 }, { site });
    fleet.pass(2 * GATHER);
    expect(fleet.kit.engine.alerts()).toHaveLength(2);
    expect(fleet.kit.logged.filter((line) => line.includes('more than 2 series'))).toHaveLength(1);
  });

  it('AL-015: a reload keeps the values of a rule that stays the same, and the alert', async () => {
    const rule = await compileOne({ id: 'fleet', ...LOADED });
    const fleet = new Fleet(new Kit({ rules: [rule] }));
    fleet.set('a', { load1: 9 });
    fleet.pass(2 * GATHER);
    expect(fleet.said()).toHaveLength(1);
    fleet.kit.engine.reload([await compileOne({ id: 'fleet', ...LOADED })]);
    fleet.kit.pass(30 * SECOND);
    expect(fleet.kit.engine.alerts().map(({ state, isUnverified }) => [state, isUnverified])).toEqual([
      ['firing', false],
    ]);
    fleet.kit.engine.reload([await compileOne({ id: 'fleet', ...LOADED, above: { warning: 40 } })]);
    fleet.pass(2 * GATHER);
    expect(fleet.said()).toEqual([]);
    fleet.kit.engine.reload([]);
    expect(fleet.kit.events.map(({ alert }) => alert.detail)).toEqual(['rule_removed']);
  });

  it('goes on after a restart without another message', async () => {
    const rule = await compileOne({ id: 'fleet', ...LOADED });
    const fleet = new Fleet(new Kit({ rules: [rule] }));
    fleet.set('a', { load1: 9 });
    fleet.pass(2 * GATHER);
    const next = new Fleet(fleet.kit.restart(MINUTE, { rules: [rule] }));
    next.set('a', { load1: 9 });
    next.pass(2 * GATHER);
    expect(next.said()).toEqual([]);
    next.set('a', { load1: 1 });
    next.pass(20 * SECOND);
    expect(next.said()).toEqual(['resolved warning: 0 % of 1 hosts have system.load1 above 5']);
  });
});
