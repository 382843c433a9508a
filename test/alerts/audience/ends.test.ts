/** Whoever was told that it fires is told when it ends, whatever lies between. */
import { describe, expect, it } from '@jest/globals';

import { HOUR, Kit, MINUTE, NOON, SECOND } from './audience-kit.ts';

const cpu = { rule: 'cpu' };
const mem = { rule: 'mem' };
const silence = (kit: Kit, ms: number) =>
  kit.notifications.addSilence({ match: { rule: 'cpu' }, until: kit.clock.now() + ms, comment: 'upgrade', by: 'ana' });

describe('the delivery contract', () => {
  it('AL-079: what was told, then silenced, then ended, is told to have ended', async () => {
    const kit = new Kit();
    await kit.fire('warning', cpu);
    await kit.pass(MINUTE);
    kit.told();
    silence(kit, HOUR);
    await kit.pass(30 * MINUTE);
    await kit.resolve(cpu);
    await kit.pass(MINUTE);
    expect(kit.sent).toMatchObject([{ reason: 'all_resolved', alerts: [{ silenced: true }] }]);
  });

  it('AL-080: what was silenced all the time is not told to have ended', async () => {
    const kit = new Kit();
    silence(kit, HOUR);
    await kit.fire('critical', cpu);
    await kit.pass(10 * MINUTE);
    await kit.resolve(cpu);
    await kit.pass(2 * HOUR);
    expect(kit.told()).toEqual([]);
    const reasons = kit.store.history({ limit: 10, kinds: ['suppressed'] }).map(({ reason }) => reason);
    expect(reasons).toEqual([expect.stringMatching(/^silenced by \w+ by ana$/)]);
  });

  it('AL-081: who wants critical ones only hears nothing of a warning, and of a critical one everything', async () => {
    const kit = new Kit({ receivers: ['a', { name: 'b', minLevel: 'critical' }] });
    await kit.fire('warning', cpu);
    await kit.pass(MINUTE);
    await kit.resolve(cpu);
    await kit.pass(MINUTE);
    expect(kit.told('a')).toEqual(['first cpu=warning', 'all_resolved cpu=ok']);
    expect(kit.told('b')).toEqual([]);

    await kit.fire('warning', cpu);
    await kit.pass(MINUTE);
    await kit.fire('critical', cpu);
    expect(kit.told('b')).toEqual(['first cpu=critical']);
    await kit.pass(5 * MINUTE);
    await kit.fire('warning', cpu);
    await kit.pass(5 * MINUTE);
    await kit.resolve(cpu);
    await kit.pass(MINUTE);
    expect(kit.told('b')).toEqual(['level_down cpu=warning', 'all_resolved cpu=ok']);
  });

  const inhibit = [{ when: { rule: 'cpu' }, mute: { rule: 'mem' }, same: ['host'] }];

  it('AL-082: when what explains an alert ends with it, that alert is only told to have ended if it was told', async () => {
    const kit = new Kit({ config: { inhibit } });
    await kit.fire('warning', mem);
    await kit.pass(MINUTE);
    await kit.fire('warning', cpu);
    await kit.pass(5 * MINUTE);
    kit.told();
    await kit.resolve(cpu);
    await kit.resolve(mem);
    await kit.pass(MINUTE);
    expect(kit.told()).toEqual(['all_resolved mem=ok cpu=ok']);

    await kit.fire('warning', cpu);
    await kit.fire('warning', mem);
    await kit.pass(MINUTE);
    await kit.resolve(cpu);
    await kit.pass(5 * SECOND);
    await kit.resolve(mem);
    await kit.pass(5 * MINUTE);
    expect(kit.told()).toEqual(['first cpu=warning', 'all_resolved cpu=ok']);
  });

  it('AL-083: a receiver that is removed while an alert fires is forgotten after a day, and the history says so', async () => {
    const kit = new Kit({ receivers: ['ops', 'chat'] });
    await kit.fire('warning', cpu);
    await kit.pass(MINUTE);
    await kit.reload({}, ['ops']);
    await kit.resolve(cpu);
    await kit.pass(MINUTE);
    expect(kit.told('ops')).toEqual(['first cpu=warning', 'all_resolved cpu=ok']);
    expect(kit.told('chat')).toEqual(['first cpu=warning']);
    kit.clock.advance(24 * HOUR);
    kit.notifications.tick();
    expect(kit.store.history({ limit: 1, kinds: ['suppressed'] })).toMatchObject([
      { reason: 'receiver_removed', receiver: 'chat' },
    ]);
  });

  it('AL-083: when its route is removed it is told on the way that is left, once', async () => {
    const routes = [{ name: 'pages', match: { level: 'critical' } }];
    const kit = new Kit({ config: { route: { routes } } });
    await kit.fire('critical', cpu);
    await kit.pass(MINUTE);
    kit.told();
    await kit.reload({});
    await kit.pass(10 * MINUTE);
    expect(kit.told()).toEqual([]);
    await kit.resolve(cpu);
    await kit.pass(MINUTE);
    expect(kit.told()).toEqual(['all_resolved cpu=ok']);
  });

  it('with another level it may take another way, and ends once for everybody who was told', async () => {
    const routes = [{ name: 'pages', match: { level: 'critical' }, notify: ['oncall', 'ops'] }];
    const kit = new Kit({ config: { route: { notify: ['ops'], routes } }, receivers: ['ops', 'oncall'] });
    await kit.fire('warning', cpu);
    await kit.pass(MINUTE);
    await kit.fire('critical', cpu);
    await kit.pass(MINUTE);
    await kit.resolve(cpu);
    await kit.pass(MINUTE);
    expect(kit.told('ops')).toEqual(['first cpu=warning', 'level_up cpu=critical', 'all_resolved cpu=ok']);
    expect(kit.told('oncall')).toEqual(['first cpu=critical', 'all_resolved cpu=ok']);
  });

  it('AL-056: after a restart what was told is not told again', async () => {
    const before = new Kit();
    await before.fire('warning', cpu);
    await before.pass(MINUTE);
    const kit = await before.restarted();
    await kit.pass(HOUR);
    expect(kit.told()).toEqual([]);
    await kit.resolve(cpu);
    await kit.pass(MINUTE);
    expect(kit.told()).toEqual(['all_resolved cpu=ok']);
  });

  it('AL-059: what was told and is not known any more after a restart has ended', async () => {
    const before = new Kit();
    await before.fire('warning', cpu);
    await before.pass(MINUTE);
    before.forget(cpu);
    const kit = await before.restarted();
    await kit.pass(MINUTE);
    expect(kit.told()).toEqual(['all_resolved cpu=ok']);
  });

  it('AL-060: the same note has the same id, another one another', async () => {
    const kit = new Kit({ receivers: ['a', 'b'] });
    await kit.fire('warning', cpu);
    await kit.pass(MINUTE);
    await kit.resolve(cpu);
    await kit.pass(MINUTE);
    expect(new Set(kit.sent.map(({ id }) => id)).size).toBe(4);
  });

  it('AL-061: a reload keeps groups, what was told, the time until it is said again, and silences', async () => {
    const config = { route: { repeat: '1h' } };
    const kit = new Kit({ config });
    await kit.fire('critical', cpu);
    await kit.pass(SECOND);
    kit.told();
    const { id } = silence(kit, 2 * MINUTE);
    await kit.pass(30 * MINUTE);
    await kit.reload({ route: { repeat: '1h', routes: [{ name: 'new', match: { host: 'db*' } }] } });
    expect(kit.notifications.listSilences().map((one) => one.id)).toEqual([id]);
    await kit.pass(29 * MINUTE);
    expect(kit.told()).toEqual([]);
    await kit.pass(MINUTE);
    expect(kit.told()).toEqual(['repeat cpu=critical']);
  });

  it('AL-061: a group that waits goes on waiting over a reload', async () => {
    const kit = new Kit();
    await kit.fire('warning', cpu);
    await kit.pass(10 * SECOND);
    await kit.reload({});
    await kit.pass(4 * SECOND);
    expect(kit.told()).toEqual([]);
    await kit.pass(SECOND);
    expect(kit.told()).toEqual(['first cpu=warning']);
  });

  it('AL-100: while it flaps nobody is told of its changes, and the end says how it is', async () => {
    const kit = new Kit();
    const id = await kit.fire('warning', cpu);
    await kit.pass(MINUTE);
    kit.told();
    const at = kit.clock.now();
    const alert = kit.view(id);
    await kit.handle({ kind: 'flapping_start', alert: { ...alert, flapping: true }, at, quiet: undefined });
    await kit.pass(MINUTE);
    const ended = { ...alert, status: 'resolved', endsAt: at } as const;
    await kit.handle({ kind: 'resolved', alert: { ...ended, flapping: true }, at, quiet: 'flapping' });
    await kit.handle({ kind: 'fired', alert: { ...alert, flapping: true }, at, quiet: 'flapping' });
    await kit.handle({ kind: 'resolved', alert: { ...ended, flapping: true }, at, quiet: 'flapping' });
    await kit.pass(30 * MINUTE);
    expect(kit.told()).toEqual(['flapping_start cpu=warning']);
    await kit.handle({ kind: 'flapping_end', alert: { ...ended, flapping: false }, at, quiet: undefined });
    await kit.pass(MINUTE);
    expect(kit.told()).toEqual(['flapping_end cpu=ok']);
  });

  it('a clock that lags behind the samples makes nobody wait', async () => {
    const kit = new Kit();
    const id = await kit.fire('warning', cpu);
    const alert = { ...kit.view(id), startsAt: NOON + HOUR };
    await kit.handle({ kind: 'fired', alert, at: NOON + HOUR, quiet: undefined });
    await kit.pass(15 * SECOND);
    expect(kit.told()).toHaveLength(1);
  });
});
