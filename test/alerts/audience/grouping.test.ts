/** When a group is told, and of what. */
import { describe, expect, it } from '@jest/globals';

import { HOUR, Kit, MINUTE, SECOND } from './audience-kit.ts';

const cpu = { rule: 'cpu' };
const mem = { rule: 'mem' };
const disk = { rule: 'disk' };

describe('grouping', () => {
  it('AL-065: two alerts within group_wait are one note', async () => {
    const kit = new Kit();
    await kit.fire('warning', cpu);
    await kit.pass(10 * SECOND);
    await kit.fire('warning', mem);
    await kit.pass(4 * SECOND);
    expect(kit.told()).toEqual([]);
    await kit.pass(SECOND);
    expect(kit.told()).toEqual(['first cpu=warning mem=warning']);
  });

  it('AL-066: a third one later comes with the others, because it is new', async () => {
    const kit = new Kit();
    await kit.fire('warning', cpu);
    await kit.fire('warning', mem);
    await kit.pass(MINUTE);
    kit.told();
    await kit.fire('warning', disk);
    await kit.pass(74 * SECOND);
    expect(kit.told()).toEqual([]);
    await kit.pass(2 * SECOND);
    expect(kit.told()).toEqual(['new_alerts disk=warning']);
  });

  it('AL-067: when nothing changes it is said again after the time for that, and marked so', async () => {
    const kit = new Kit();
    await kit.fire('warning', cpu);
    await kit.fire('critical', mem);
    await kit.pass(MINUTE);
    expect(kit.told()).toEqual(['first mem=critical cpu=warning']);
    await kit.pass(4 * HOUR - MINUTE - SECOND);
    expect(kit.told()).toEqual([]);
    await kit.pass(2 * SECOND);
    expect(kit.sent).toMatchObject([{ reminder: 1 }]);
    expect(kit.told()).toEqual(['repeat mem=critical']);
    await kit.pass(4 * HOUR);
    expect(kit.sent).toMatchObject([{ reason: 'repeat', reminder: 2 }]);
  });

  it('AL-068: an alert that ends within group_wait is reported once, as missed', async () => {
    const kit = new Kit();
    await kit.fire('warning', cpu);
    await kit.pass(10 * SECOND);
    await kit.resolve(cpu);
    await kit.pass(HOUR);
    expect(kit.sent).toMatchObject([{ status: 'resolved', alerts: [{ change: { kind: 'missed' } }] }]);
    expect(kit.told()).toEqual(['late cpu=ok']);
    expect(kit.store.collection('ledger').entries()).toEqual([]);
  });

  it('AL-069: an alert that fires and ends within group_interval is reported once, as missed', async () => {
    const kit = new Kit();
    await kit.fire('warning', cpu);
    await kit.pass(MINUTE);
    await kit.resolve(cpu);
    await kit.pass(MINUTE);
    expect(kit.told()).toEqual(['first cpu=warning', 'all_resolved cpu=ok']);
    await kit.fire('warning', cpu);
    await kit.pass(10 * SECOND);
    await kit.resolve(cpu);
    await kit.pass(HOUR);
    expect(kit.told()).toEqual(['late cpu=ok']);
  });

  it('AL-070: when some have ended, those that go on are counted', async () => {
    const kit = new Kit();
    await kit.fire('warning', cpu);
    await kit.fire('warning', mem);
    await kit.pass(MINUTE);
    kit.told();
    await kit.resolve(mem);
    await kit.pass(MINUTE);
    expect(kit.sent).toMatchObject([{ unchanged: 1 }]);
    expect(kit.told()).toEqual(['some_resolved mem=ok']);
  });

  it('AL-070: who wants no ends is told none, but hears of a new beginning', async () => {
    const kit = new Kit({ receivers: [{ name: 'ops', sendResolved: false }] });
    await kit.fire('warning', cpu);
    await kit.fire('warning', mem);
    await kit.pass(MINUTE);
    kit.told();
    await kit.resolve(mem);
    await kit.pass(5 * MINUTE);
    expect(kit.told()).toEqual([]);
    await kit.fire('warning', mem);
    await kit.pass(5 * MINUTE);
    expect(kit.told()).toEqual(['new_alerts mem=warning']);
  });

  it('AL-072: what began long ago does not wait for others', async () => {
    const before = new Kit({ config: { route: { group_wait: '1h' } } });
    await before.fire('warning', cpu);
    before.clock.advance(2 * HOUR);
    const kit = await before.restarted({ config: { route: { group_wait: '1h' } } });
    await kit.pass(SECOND);
    expect(kit.told()).toEqual(['first cpu=warning']);
  });

  it('AL-074: beyond 20 groups a minute alerts are reported together, and each is listed or counted', async () => {
    const kit = new Kit({ config: { route: { group_by: ['...'] } } });
    for (let index = 0; index < 1005; index += 1) await kit.fire('critical', { host: `web${index}` });
    await kit.pass(5 * MINUTE);
    const reported = kit.sent.reduce((sum, { alerts, truncated }) => sum + alerts.length + truncated, 0);
    expect(reported).toBe(1005);
    expect(kit.sent).toHaveLength(21);
    const rows = kit.store.collection('ledger').entries() as (readonly [string, { readonly heard: string }])[];
    expect(rows.filter(([, { heard }]) => heard === 'listed' || heard === 'counted')).toHaveLength(1005);
  });

  it('AL-075: a thousand alerts of a group are one note that lists ten', async () => {
    const kit = new Kit({ config: { route: { group_by: [] } } });
    for (let index = 0; index < 1000; index += 1) await kit.fire('warning', { host: `web${index}` });
    await kit.pass(MINUTE);
    expect(kit.sent).toMatchObject([{ truncated: 990 }]);
    expect(kit.sent[0]?.alerts).toHaveLength(10);
  });

  it('AL-076: it is not said again more often than the group is looked at', async () => {
    const kit = new Kit({ config: { route: { group_interval: '10m', repeat: '1m' } } });
    await kit.fire('critical', cpu);
    await kit.pass(SECOND);
    kit.told();
    await kit.pass(9 * MINUTE);
    expect(kit.told()).toEqual([]);
    await kit.pass(MINUTE);
    expect(kit.told()).toEqual(['repeat cpu=critical']);
  });

  it('AL-077: the time until it is said again counts from the note before', async () => {
    const kit = new Kit({ config: { route: { repeat: '1h' } } });
    await kit.fire('critical', cpu);
    await kit.pass(SECOND);
    // A process that was stopped for a while is late once, and no later after that.
    kit.clock.advance(90 * MINUTE);
    kit.notifications.tick();
    await kit.settle();
    expect(kit.told()).toEqual(['first cpu=critical', 'repeat cpu=critical']);
    await kit.pass(HOUR - SECOND);
    expect(kit.told()).toEqual([]);
    await kit.pass(SECOND);
    expect(kit.told()).toEqual(['repeat cpu=critical']);
  });

  it('AL-078: for alerts of a rule that says how often, its time counts', async () => {
    const kit = new Kit({ repeatOf: (rule) => (rule === 'cpu' ? { critical: 30 * MINUTE } : undefined) });
    await kit.fire('critical', cpu);
    await kit.pass(SECOND);
    kit.told();
    await kit.pass(30 * MINUTE);
    expect(kit.told()).toEqual(['repeat cpu=critical']);
  });

  it('AL-078: each level has its own time', async () => {
    const kit = new Kit({ config: { route: { repeat: { info: 'never', warning: '2h', critical: '1h' } } } });
    await kit.fire('info', { host: 'a' });
    await kit.fire('warning', { host: 'b' });
    await kit.fire('critical', { host: 'c' });
    await kit.pass(MINUTE);
    kit.told();
    await kit.pass(2 * HOUR);
    expect([...kit.told()].sort()).toEqual(['repeat cpu=critical', 'repeat cpu=critical', 'repeat cpu=warning']);
  });

  it('AL-078: an acknowledged one is not said again, until it gets worse', async () => {
    const kit = new Kit({ config: { route: { repeat: '1h' } } });
    const id = await kit.fire('warning', cpu);
    await kit.pass(MINUTE);
    kit.told();
    kit.notifications.acknowledge({ fingerprint: id, by: 'ana', comment: 'on it' });
    await kit.pass(5 * HOUR);
    expect(kit.told()).toEqual([]);
    await kit.fire('critical', cpu);
    expect(kit.told()).toEqual(['level_up cpu=critical']);
    await kit.pass(HOUR);
    expect(kit.told()).toEqual(['repeat cpu=critical']);
  });

  it('AL-078: later messages about it name the person who acknowledged it', async () => {
    const kit = new Kit();
    const id = await kit.fire('critical', cpu);
    kit.told();
    kit.notifications.acknowledge({ fingerprint: id, by: 'ana', comment: 'on it' });
    await kit.fire('warning', cpu);
    await kit.pass(5 * MINUTE);
    expect(kit.sent).toMatchObject([
      { reason: 'level_down', alerts: [{ rule: 'cpu', ack: { by: 'ana', comment: 'on it' } }] },
    ]);
  });

  it('AL-030: critical, warning and critical again within group_interval is nothing new', async () => {
    const kit = new Kit();
    await kit.fire('critical', cpu);
    expect(kit.told()).toEqual(['first cpu=critical']);
    await kit.pass(20 * SECOND);
    await kit.fire('warning', cpu);
    await kit.pass(20 * SECOND);
    await kit.fire('critical', cpu);
    await kit.pass(10 * MINUTE);
    expect(kit.told()).toEqual([]);
  });
});

describe('escalation', () => {
  const config = {
    route: { notify: ['ops'], group_wait: '0s', escalate: [{ after: '20m', notify: ['boss'] }] },
  };
  const receivers = ['ops', 'boss'];

  it('tells somebody else when it goes on, and tells them the end', async () => {
    const kit = new Kit({ config, receivers });
    await kit.fire('critical', cpu);
    await kit.pass(20 * MINUTE - SECOND);
    expect(kit.told('boss')).toEqual([]);
    await kit.pass(SECOND);
    expect(kit.told('boss')).toEqual(['escalation cpu=critical']);
    await kit.pass(10 * MINUTE);
    await kit.resolve(cpu);
    await kit.pass(MINUTE);
    expect(kit.told('boss')).toEqual(['all_resolved cpu=ok']);
    expect(kit.told('ops')).toEqual(['first cpu=critical', 'all_resolved cpu=ok']);
  });

  it('spares them what somebody has acknowledged', async () => {
    const kit = new Kit({ config, receivers });
    const id = await kit.fire('critical', cpu);
    kit.notifications.acknowledge({ fingerprint: id, by: 'ana', comment: '' });
    await kit.pass(HOUR);
    expect(kit.told('boss')).toEqual([]);
  });
});

it('who cannot be reached is not told so', async () => {
  const kit = new Kit({ receivers: ['ops', 'chat'] });
  await kit.fire('critical', { rule: 'notify_failing', tags: { receiver: 'chat' } });
  await kit.pass(MINUTE);
  expect(kit.told('ops')).toEqual(['first notify_failing=critical']);
  expect(kit.told('chat')).toEqual([]);
});
