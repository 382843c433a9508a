import { describe, expect, it } from '@jest/globals';

import { fakeRule, Kit, MINUTE, SECOND } from './engine-kit.ts';

const waiting = (minutes: number) => fakeRule({ timing: { for: { warning: minutes * MINUTE } } });

describe('a restart', () => {
  it('AL-056: a firing alert goes on firing without another event', () => {
    const kit = new Kit();
    kit.disk(95);
    const startsAt = kit.clock.now();
    const next = kit.restart(5 * MINUTE);
    expect(next.states()).toEqual(['firing warning /var unverified']);
    next.pass(SECOND);
    next.disk(95);
    expect(next.states()).toEqual(['firing warning /var']);
    expect(next.engine.alerts()[0]?.alert.startsAt).toBe(startsAt);
    expect(next.emitted()).toEqual([]);
  });

  it('AL-057: a pending alert waits for the rest of its time', () => {
    const rules = [waiting(25)];
    const kit = new Kit({ rules });
    kit.disk(95);
    kit.passWith(15 * MINUTE, 95);
    const next = kit.restart(10 * MINUTE, { rules });
    next.disk(95);
    next.passWith(10 * MINUTE - 10 * SECOND, 95);
    expect(next.emitted()).toEqual([]);
    next.passWith(10 * SECOND, 95);
    expect(next.emitted()).toEqual(['fired warning /var']);
  });

  it('AL-057: also after a kill, to the minute', () => {
    const rules = [waiting(25)];
    const kit = new Kit({ rules });
    kit.disk(95);
    kit.passWith(15 * MINUTE, 95);
    kit.clock.advance(10 * MINUTE);
    const next = new Kit({ rules, clock: kit.clock, store: kit.store });
    next.disk(95);
    next.passWith(9 * MINUTE, 95);
    expect(next.emitted()).toEqual([]);
    next.passWith(2 * MINUTE, 95);
    expect(next.emitted()).toEqual(['fired warning /var']);
  });

  it('AL-058: a pending alert starts over after more than an hour', () => {
    const rules = [waiting(25)];
    const kit = new Kit({ rules });
    kit.disk(95);
    kit.passWith(24 * MINUTE, 95);
    const next = kit.restart(61 * MINUTE, { rules });
    next.disk(95);
    next.passWith(24 * MINUTE, 95);
    expect(next.emitted()).toEqual([]);
    next.passWith(2 * MINUTE, 95);
    expect(next.emitted()).toEqual(['fired warning /var']);
  });

  it('AL-059: an alert that no longer holds is resolved', () => {
    const kit = new Kit();
    kit.disk(95);
    const next = kit.restart(5 * MINUTE);
    next.pass(SECOND);
    next.disk(50);
    expect(next.emitted()).toEqual(['resolved /var']);
  });

  it('a series that vanished meanwhile is gone after the others have reported for long enough', () => {
    const kit = new Kit();
    kit.disk(95);
    const next = kit.restart(5 * MINUTE);
    next.passWith(9 * MINUTE, 10, { path: '/' });
    expect(next.emitted()).toEqual([]);
    next.passWith(2 * MINUTE, 10, { path: '/' });
    expect(next.emitted()).toEqual(['resolved /var series_gone']);
  });

  it('AL-014: removing a rule meanwhile resolves its alerts, with the labels of the rule', () => {
    const kit = new Kit();
    kit.disk(95);
    const next = kit.restart(5 * MINUTE, { rules: [] });
    expect(next.events).toEqual([]);
    next.pass(SECOND);
    expect(next.events[0]?.alert).toMatchObject({ status: 'resolved', rule: 'disk_space', labels: { team: 'infra' } });
    expect(next.emitted()).toEqual(['resolved /var rule_removed']);
    expect(next.restart(MINUTE, { rules: [] }).states()).toEqual([]);
  });

  it('AL-013: editing a rule meanwhile applies it to its alerts', () => {
    const kit = new Kit();
    kit.disk(95);
    const next = kit.restart(MINUTE, { rules: [{ ...waiting(20), revision: '2' }] });
    next.pass(SECOND);
    expect(next.emitted()).toEqual(['resolved /var rule_changed']);
  });

  it('writes nothing for samples, nor for alerts that are pending for a moment', () => {
    const rules = [waiting(5)];
    const kit = new Kit({ rules });
    let writes = 0;
    const collection = kit.store.collection('states');
    kit.store.collection = () => ({
      ...collection,
      put: (key, value) => {
        writes += 1;
        collection.put(key, value);
      },
    });
    for (let time = 0; time < 50; time += 1) {
      kit.passWith(30 * SECOND, 95);
      kit.passWith(30 * SECOND, 50);
    }
    expect(writes).toBe(0);
    kit.passWith(10 * MINUTE, 95);
    expect(kit.emitted()).toEqual(['fired warning /var']);
  });

  it('AL-063, H-027: an invalid stored alert is deleted, the others are not', () => {
    const kit = new Kit();
    kit.disk(95);
    kit.store.collection('states').put('0123456789abcdef', { state: 'nonsense' });
    const next = kit.restart(MINUTE);
    next.pass(SECOND);
    expect(next.states()).toEqual(['firing warning /var unverified']);
    expect(next.logged).toEqual([expect.stringContaining('0123456789abcdef')]);
  });

  it('a store that fails costs no alert', () => {
    const kit = new Kit();
    kit.store.transaction = () => {
      throw new Error('disk full');
    };
    kit.disk(95);
    expect(kit.emitted()).toEqual(['fired warning /var']);
    expect(kit.logged).toEqual([expect.stringContaining('disk full')]);
  });

  it('AL-121: the history has the start and the end of each episode', () => {
    const kit = new Kit();
    kit.disk(95);
    const startsAt = kit.clock.now();
    kit.pass(MINUTE);
    kit.disk(95, { path: '/home' });
    kit.disk(50);
    kit.engine.reload([]);
    const entries = kit.store.history({ limit: 10, kinds: ['transition'] });
    expect(entries.map(({ reason, detail }) => [reason, (detail?.['tags'] as Record<string, string>)['path']])).toEqual(
      [
        ['resolved', '/home'],
        ['resolved', '/var'],
        ['fired', '/home'],
        ['fired', '/var'],
      ],
    );
    expect(entries[0]?.detail).toMatchObject({ detail: 'rule_removed' });
    expect(entries[1]?.detail).toMatchObject({ startsAt, endsAt: startsAt + MINUTE });
  });
});

describe('a reload', () => {
  it('AL-015: unchanged rules keep their alerts and their windows', () => {
    const kit = new Kit({ rules: [waiting(5)] });
    kit.disk(95);
    kit.passWith(4 * MINUTE, 95);
    kit.engine.reload([fakeRule({ id: 'another' }), waiting(5)]);
    kit.passWith(MINUTE, 95);
    expect(kit.emitted()).toEqual(['fired warning /var', 'fired warning /var']);
    expect(kit.engine.summaries()).toHaveLength(2);
  });

  it('AL-014: removing a rule resolves its alerts; when it returns they are new', () => {
    const kit = new Kit();
    kit.disk(95);
    kit.engine.reload([]);
    expect(kit.emitted()).toEqual(['fired warning /var', 'resolved /var rule_removed']);
    kit.engine.reload([fakeRule()]);
    kit.pass(10 * SECOND);
    kit.disk(95);
    const [again] = kit.events;
    expect(again?.alert.startsAt).toBe(kit.clock.now());
    expect(kit.emitted()).toEqual(['fired warning /var']);
  });

  it('AL-013: a longer `for` makes an alert that has not lasted that long pending again', () => {
    const kit = new Kit();
    kit.disk(95);
    kit.passWith(MINUTE, 95);
    kit.engine.reload([{ ...waiting(5), revision: '2' }]);
    expect(kit.states()).toEqual([expect.stringContaining('pending warning /var')]);
    kit.passWith(5 * MINUTE, 95);
    expect(kit.emitted()).toEqual(['fired warning /var', 'resolved /var rule_changed', 'fired warning /var']);
  });

  it('new thresholds apply from the next sample on', () => {
    const kit = new Kit();
    kit.disk(95);
    kit.engine.reload([fakeRule({ revision: '2', lines: { warning: [98, 97] } })]);
    expect(kit.emitted()).toEqual(['fired warning /var']);
    kit.pass(10 * SECOND);
    kit.disk(96);
    expect(kit.emitted()).toEqual(['resolved /var']);
  });

  it('alerts that the rule no longer matches end', () => {
    const kit = new Kit();
    kit.disk(95);
    kit.disk(95, { path: '/' });
    kit.emitted();
    const edited = fakeRule({ revision: '2' });
    const watch: typeof edited.watch = (name, tags) => (tags['path'] === '/' ? edited.watch(name, tags) : undefined);
    kit.engine.reload([{ ...edited, watch }]);
    expect(kit.emitted()).toEqual(['resolved /var rule_changed']);
    kit.engine.reload([fakeRule({ revision: '3', groupBy: ['device'] })]);
    expect(kit.emitted()).toEqual(['resolved / rule_changed']);
  });
});
