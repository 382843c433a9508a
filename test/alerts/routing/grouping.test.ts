/** When a group is told, and of what. */
import { describe, expect, it } from '@jest/globals';

import { HOUR, Kit, MINUTE, SECOND } from './dispatcher-kit.ts';

const cpu = { rule: 'cpu' };
const mem = { rule: 'mem' };
const disk = { rule: 'disk' };

describe('grouping', () => {
  it('AL-065: two alerts within group_wait are one note', () => {
    const kit = new Kit();
    kit.fire('warning', cpu);
    kit.pass(10 * SECOND);
    kit.fire('warning', mem);
    kit.pass(4 * SECOND);
    expect(kit.told()).toEqual([]);
    kit.pass(SECOND);
    expect(kit.told()).toEqual(['first cpu=warning mem=warning']);
  });

  it('AL-066: a third one later comes with the others, because it is new', () => {
    const kit = new Kit();
    kit.fire('warning', cpu);
    kit.fire('warning', mem);
    kit.pass(MINUTE);
    kit.told();
    kit.fire('warning', disk);
    kit.pass(74 * SECOND);
    expect(kit.told()).toEqual([]);
    kit.pass(2 * SECOND);
    expect(kit.told()).toEqual(['new_alerts cpu=warning mem=warning disk=warning']);
  });

  it('AL-067: when nothing changes it is said again after the time for that, and marked so', () => {
    const kit = new Kit();
    kit.fire('warning', cpu);
    kit.fire('critical', mem);
    kit.pass(MINUTE);
    expect(kit.told()).toEqual(['first mem=critical cpu=warning']);
    kit.pass(4 * HOUR - MINUTE - SECOND);
    expect(kit.told()).toEqual([]);
    kit.pass(2 * SECOND);
    expect(kit.sent).toMatchObject([{ reminder: 1 }]);
    expect(kit.told()).toEqual(['repeat mem=critical cpu=warning']);
    kit.pass(4 * HOUR);
    expect(kit.sent).toMatchObject([{ reason: 'repeat', reminder: 2 }]);
  });

  it('AL-068: what ends within group_wait is not told at all', () => {
    const kit = new Kit();
    kit.fire('warning', cpu);
    kit.pass(10 * SECOND);
    kit.resolve(cpu);
    kit.pass(HOUR);
    expect(kit.told()).toEqual([]);
    expect(kit.store.collection('groups').entries()).toEqual([]);
  });

  it('AL-069: what fires and ends between two notes, after all had ended, is not told', () => {
    const kit = new Kit();
    kit.fire('warning', cpu);
    kit.pass(MINUTE);
    kit.resolve(cpu);
    kit.pass(MINUTE);
    expect(kit.told()).toEqual(['first cpu=warning', 'all_resolved cpu=ok']);
    kit.fire('warning', cpu);
    kit.pass(10 * SECOND);
    kit.resolve(cpu);
    kit.pass(HOUR);
    expect(kit.told()).toEqual([]);
  });

  it('AL-070: when some have ended, those that go on are listed apart from them', () => {
    const kit = new Kit();
    kit.fire('warning', cpu);
    kit.fire('warning', mem);
    kit.pass(MINUTE);
    kit.told();
    kit.resolve(mem);
    kit.pass(MINUTE);
    expect(kit.told()).toEqual(['some_resolved cpu=warning mem=ok']);
  });

  it('AL-070: who wants no ends is told none, but hears of a new beginning', () => {
    const kit = new Kit({ receivers: [{ name: 'ops', sendResolved: false }] });
    kit.fire('warning', cpu);
    kit.fire('warning', mem);
    kit.pass(MINUTE);
    kit.told();
    kit.resolve(mem);
    kit.pass(5 * MINUTE);
    expect(kit.told()).toEqual([]);
    kit.fire('warning', mem);
    kit.pass(5 * MINUTE);
    expect(kit.told()).toEqual(['new_alerts cpu=warning mem=warning']);
  });

  it('AL-072: what began long ago does not wait for others', () => {
    const before = new Kit({ config: { route: { group_wait: '1h' } } });
    before.fire('warning', cpu);
    before.clock.advance(2 * HOUR);
    const kit = before.restarted({ config: { route: { group_wait: '1h' } } });
    kit.pass(SECOND);
    expect(kit.told()).toEqual(['first cpu=warning']);
  });

  it('AL-074: beyond the most groups alerts are told together, and none is lost', () => {
    const kit = new Kit({ config: { route: { group_by: ['...'] } } });
    for (let index = 0; index < 1005; index += 1) kit.fire('critical', { host: `web${index}` });
    kit.pass(5 * MINUTE);
    expect(new Set(kit.sent.map(({ groupKey }) => groupKey)).size).toBe(1001);
    const told = kit.sent.flatMap(({ alerts }) => alerts.map(({ host }) => host));
    expect(new Set(told).size).toBe(1005);
    expect(kit.log.lines.filter((line) => line.includes('1000 groups'))).toHaveLength(1);
  });

  it('AL-075: a thousand alerts of a group are one note that lists ten', () => {
    const kit = new Kit({ config: { route: { group_by: [] } } });
    for (let index = 0; index < 1000; index += 1) kit.fire('warning', { host: `web${index}` });
    kit.pass(MINUTE);
    expect(kit.sent).toMatchObject([{ truncated: 990 }]);
    expect(kit.sent[0]?.alerts).toHaveLength(10);
  });

  it('AL-076: it is not said again more often than the group is looked at', () => {
    const kit = new Kit({ config: { route: { group_interval: '10m', repeat: '1m' } } });
    kit.fire('critical', cpu);
    kit.pass(SECOND);
    kit.told();
    kit.pass(9 * MINUTE);
    expect(kit.told()).toEqual([]);
    kit.pass(MINUTE);
    expect(kit.told()).toEqual(['repeat cpu=critical']);
  });

  it('AL-077: the time until it is said again counts from the note before', () => {
    const kit = new Kit({ config: { route: { repeat: '1h' } } });
    kit.fire('critical', cpu);
    kit.pass(SECOND);
    // A process that was stopped for a while is late once, and no later after that.
    kit.clock.advance(90 * MINUTE);
    kit.dispatcher.tick();
    expect(kit.told()).toEqual(['first cpu=critical', 'repeat cpu=critical']);
    kit.pass(HOUR - SECOND);
    expect(kit.told()).toEqual([]);
    kit.pass(SECOND);
    expect(kit.told()).toEqual(['repeat cpu=critical']);
  });

  it('AL-078: for alerts of a rule that says how often, its time counts', () => {
    const kit = new Kit({ repeatOf: (rule) => (rule === 'cpu' ? { critical: 30 * MINUTE } : undefined) });
    kit.fire('critical', cpu);
    kit.pass(SECOND);
    kit.told();
    kit.pass(30 * MINUTE);
    expect(kit.told()).toEqual(['repeat cpu=critical']);
  });

  it('AL-078: each level has its own time', () => {
    const kit = new Kit({ config: { route: { repeat: { info: 'never', warning: '2h', critical: '1h' } } } });
    kit.fire('info', { host: 'a' });
    kit.fire('warning', { host: 'b' });
    kit.fire('critical', { host: 'c' });
    kit.pass(MINUTE);
    kit.told();
    kit.pass(2 * HOUR);
    expect([...kit.told()].sort()).toEqual(['repeat cpu=critical', 'repeat cpu=critical', 'repeat cpu=warning']);
  });

  it('AL-078: an acknowledged one is not said again, until it gets worse', () => {
    const kit = new Kit({ config: { route: { repeat: '1h' } } });
    const id = kit.fire('warning', cpu);
    kit.pass(MINUTE);
    kit.told();
    kit.dispatcher.acknowledge({ fingerprint: id, by: 'ana', comment: 'on it' });
    kit.pass(5 * HOUR);
    expect(kit.told()).toEqual([]);
    kit.fire('critical', cpu);
    expect(kit.dispatcher.ackOf(id)).toBeUndefined();
    expect(kit.told()).toEqual(['level_up cpu=critical']);
    kit.pass(HOUR);
    expect(kit.told()).toEqual(['repeat cpu=critical']);
  });

  it('AL-078: who has acknowledged it stands in what is told later', () => {
    const kit = new Kit();
    const id = kit.fire('warning', cpu);
    kit.pass(MINUTE);
    kit.told();
    kit.dispatcher.acknowledge({ fingerprint: id, by: 'ana', comment: 'on it' });
    kit.fire('warning', mem);
    kit.pass(5 * MINUTE);
    expect(kit.sent[0]?.alerts.find(({ rule }) => rule === 'cpu')?.ack).toMatchObject({ by: 'ana', comment: 'on it' });
  });

  it('AL-030: critical, warning and critical again within group_interval is nothing new', () => {
    const kit = new Kit();
    kit.fire('critical', cpu);
    expect(kit.told()).toEqual(['first cpu=critical']);
    kit.pass(20 * SECOND);
    kit.fire('warning', cpu);
    kit.pass(20 * SECOND);
    kit.fire('critical', cpu);
    kit.pass(10 * MINUTE);
    expect(kit.told()).toEqual([]);
  });
});

describe('escalation', () => {
  const config = {
    route: { notify: ['ops'], group_wait: '0s', escalate: [{ after: '20m', notify: ['boss'] }] },
  };
  const receivers = ['ops', 'boss'];

  it('tells somebody else when it goes on, and tells them the end', () => {
    const kit = new Kit({ config, receivers });
    kit.fire('critical', cpu);
    kit.pass(20 * MINUTE - SECOND);
    expect(kit.told('boss')).toEqual([]);
    kit.pass(SECOND);
    expect(kit.told('boss')).toEqual(['escalation cpu=critical']);
    kit.pass(10 * MINUTE);
    kit.resolve(cpu);
    kit.pass(MINUTE);
    expect(kit.told('boss')).toEqual(['all_resolved cpu=ok']);
    expect(kit.told('ops')).toEqual(['first cpu=critical', 'all_resolved cpu=ok']);
  });

  it('spares them what somebody has acknowledged', () => {
    const kit = new Kit({ config, receivers });
    const id = kit.fire('critical', cpu);
    kit.dispatcher.acknowledge({ fingerprint: id, by: 'ana', comment: '' });
    kit.pass(HOUR);
    expect(kit.told('boss')).toEqual([]);
  });
});

it('who cannot be reached is not told so', () => {
  const kit = new Kit({ receivers: ['ops', 'chat'] });
  kit.fire('critical', { rule: 'notify_failing', tags: { receiver: 'chat' } });
  kit.pass(MINUTE);
  expect(kit.told('ops')).toEqual(['first notify_failing=critical']);
  expect(kit.told('chat')).toEqual([]);
});
