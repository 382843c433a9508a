/** Whoever was told that it fires is told when it ends, whatever lies between. */
import { describe, expect, it } from '@jest/globals';

import { HOUR, Kit, MINUTE, NOON, routingOf, SECOND } from './dispatcher-kit.ts';

const cpu = { rule: 'cpu' };
const mem = { rule: 'mem' };
const silence = (kit: Kit, ms: number) =>
  kit.dispatcher.addSilence({ match: { rule: 'cpu' }, until: kit.clock.now() + ms, comment: 'upgrade', by: 'ana' });

describe('the delivery contract', () => {
  it('AL-079: what was told, then silenced, then ended, is told to have ended', () => {
    const kit = new Kit();
    kit.fire('warning', cpu);
    kit.pass(MINUTE);
    kit.told();
    silence(kit, HOUR);
    kit.pass(30 * MINUTE);
    kit.resolve(cpu);
    kit.pass(MINUTE);
    expect(kit.sent).toMatchObject([{ reason: 'all_resolved', alerts: [{ silenced: true }] }]);
  });

  it('AL-080: what was silenced all the time is not told to have ended', () => {
    const kit = new Kit();
    silence(kit, HOUR);
    kit.fire('critical', cpu);
    kit.pass(10 * MINUTE);
    kit.resolve(cpu);
    kit.pass(2 * HOUR);
    expect(kit.told()).toEqual([]);
    const reasons = kit.store.history({ limit: 10, kinds: ['suppressed'] }).map(({ reason }) => reason);
    expect(reasons).toEqual([expect.stringMatching(/^silenced by \w+ by ana$/)]);
  });

  it('AL-081: who wants critical ones only hears nothing of a warning, and of a critical one everything', () => {
    const kit = new Kit({ receivers: ['a', { name: 'b', minLevel: 'critical' }] });
    kit.fire('warning', cpu);
    kit.pass(MINUTE);
    kit.resolve(cpu);
    kit.pass(MINUTE);
    expect(kit.told('a')).toEqual(['first cpu=warning', 'all_resolved cpu=ok']);
    expect(kit.told('b')).toEqual([]);

    kit.fire('warning', cpu);
    kit.pass(MINUTE);
    kit.fire('critical', cpu);
    expect(kit.told('b')).toEqual(['first cpu=critical']);
    kit.pass(5 * MINUTE);
    kit.fire('warning', cpu);
    kit.pass(5 * MINUTE);
    kit.resolve(cpu);
    kit.pass(MINUTE);
    expect(kit.told('b')).toEqual(['level_down cpu=warning', 'all_resolved cpu=ok']);
  });

  const inhibit = [{ when: { rule: 'cpu' }, mute: { rule: 'mem' }, same: ['host'] }];

  it('AL-082: when what explains an alert ends with it, that alert is only told to have ended if it was told', () => {
    const kit = new Kit({ config: { inhibit } });
    kit.fire('warning', mem);
    kit.pass(MINUTE);
    kit.fire('warning', cpu);
    kit.pass(5 * MINUTE);
    kit.told();
    kit.resolve(cpu);
    kit.resolve(mem);
    kit.pass(MINUTE);
    expect(kit.told()).toEqual(['all_resolved mem=ok cpu=ok']);

    kit.fire('warning', cpu);
    kit.fire('warning', mem);
    kit.pass(MINUTE);
    kit.resolve(cpu);
    kit.pass(5 * SECOND);
    kit.resolve(mem);
    kit.pass(5 * MINUTE);
    expect(kit.told()).toEqual(['first cpu=warning', 'all_resolved cpu=ok']);
  });

  it('AL-083: when a receiver is removed while it fires, the history says that nobody is left to tell', () => {
    const kit = new Kit({ receivers: ['ops', 'chat'] });
    kit.fire('warning', cpu);
    kit.pass(MINUTE);
    kit.dispatcher.reload(routingOf({}, ['ops']));
    kit.resolve(cpu);
    kit.pass(MINUTE);
    expect(kit.told('ops')).toEqual(['first cpu=warning', 'all_resolved cpu=ok']);
    expect(kit.told('chat')).toEqual(['first cpu=warning']);
    expect(kit.store.history({ limit: 1, kinds: ['suppressed'] })).toMatchObject([
      { reason: 'receiver_removed', receiver: 'chat' },
    ]);
  });

  it('AL-083: when its route is removed it is told on the way that is left, once', () => {
    const routes = [{ name: 'pages', match: { level: 'critical' } }];
    const kit = new Kit({ config: { route: { routes } } });
    kit.fire('critical', cpu);
    kit.pass(MINUTE);
    kit.told();
    kit.dispatcher.reload(routingOf({}));
    kit.pass(10 * MINUTE);
    expect(kit.told()).toEqual([]);
    kit.resolve(cpu);
    kit.pass(MINUTE);
    expect(kit.told()).toEqual(['all_resolved cpu=ok']);
  });

  it('with another level it may take another way, and ends once for everybody who was told', () => {
    const routes = [{ name: 'pages', match: { level: 'critical' }, notify: ['oncall', 'ops'] }];
    const kit = new Kit({ config: { route: { notify: ['ops'], routes } }, receivers: ['ops', 'oncall'] });
    kit.fire('warning', cpu);
    kit.pass(MINUTE);
    kit.fire('critical', cpu);
    kit.pass(MINUTE);
    kit.resolve(cpu);
    kit.pass(MINUTE);
    expect(kit.told('ops')).toEqual(['first cpu=warning', 'level_up cpu=critical', 'all_resolved cpu=ok']);
    expect(kit.told('oncall')).toEqual(['first cpu=critical', 'all_resolved cpu=ok']);
  });

  it('AL-056: after a restart what was told is not told again', () => {
    const before = new Kit();
    before.fire('warning', cpu);
    before.pass(MINUTE);
    const kit = before.restarted();
    kit.pass(HOUR);
    expect(kit.told()).toEqual([]);
    kit.resolve(cpu);
    kit.pass(MINUTE);
    expect(kit.told()).toEqual(['all_resolved cpu=ok']);
  });

  it('AL-059: what was told and is not known any more after a restart has ended', () => {
    const before = new Kit();
    before.fire('warning', cpu);
    before.pass(MINUTE);
    before.forget(cpu);
    const kit = before.restarted();
    kit.pass(MINUTE);
    expect(kit.told()).toEqual(['all_resolved cpu=ok']);
  });

  it('AL-060: the same note has the same id, another one another', () => {
    const kit = new Kit({ receivers: ['a', 'b'] });
    kit.fire('warning', cpu);
    kit.pass(MINUTE);
    kit.resolve(cpu);
    kit.pass(MINUTE);
    expect(new Set(kit.sent.map(({ id }) => id)).size).toBe(4);
  });

  it('AL-061: a reload keeps groups, what was told, the time until it is said again, and silences', () => {
    const config = { route: { repeat: '1h' } };
    const kit = new Kit({ config });
    kit.fire('critical', cpu);
    kit.pass(SECOND);
    kit.told();
    const { id } = silence(kit, 2 * MINUTE);
    kit.pass(30 * MINUTE);
    kit.dispatcher.reload(routingOf({ route: { repeat: '1h', routes: [{ name: 'new', match: { host: 'db*' } }] } }));
    expect(kit.dispatcher.listSilences().map((one) => one.id)).toEqual([id]);
    kit.pass(29 * MINUTE);
    expect(kit.told()).toEqual([]);
    kit.pass(MINUTE);
    expect(kit.told()).toEqual(['repeat cpu=critical']);
  });

  it('AL-061: a group that waits goes on waiting over a reload', () => {
    const kit = new Kit();
    kit.fire('warning', cpu);
    kit.pass(10 * SECOND);
    kit.dispatcher.reload(routingOf({}));
    kit.pass(4 * SECOND);
    expect(kit.told()).toEqual([]);
    kit.pass(SECOND);
    expect(kit.told()).toEqual(['first cpu=warning']);
  });

  it('AL-100: while it flaps nobody is told of its changes, and the end says how it is', () => {
    const kit = new Kit();
    const id = kit.fire('warning', cpu);
    kit.pass(MINUTE);
    kit.told();
    const at = kit.clock.now();
    const alert = kit.view(id);
    kit.handle({ kind: 'flapping_start', alert: { ...alert, flapping: true }, at, quiet: undefined });
    kit.pass(MINUTE);
    const ended = { ...alert, status: 'resolved', endsAt: at } as const;
    kit.handle({ kind: 'resolved', alert: { ...ended, flapping: true }, at, quiet: 'flapping' });
    kit.handle({ kind: 'fired', alert: { ...alert, flapping: true }, at, quiet: 'flapping' });
    kit.handle({ kind: 'resolved', alert: { ...ended, flapping: true }, at, quiet: 'flapping' });
    kit.pass(30 * MINUTE);
    expect(kit.told()).toEqual(['flapping_start cpu=warning']);
    kit.handle({ kind: 'flapping_end', alert: { ...ended, flapping: false }, at, quiet: undefined });
    kit.pass(MINUTE);
    expect(kit.told()).toEqual(['flapping_end cpu=ok']);
  });

  it('a clock that lags behind the samples makes nobody wait', () => {
    const kit = new Kit();
    const id = kit.fire('warning', cpu);
    const alert = { ...kit.view(id), startsAt: NOON + HOUR };
    kit.handle({ kind: 'fired', alert, at: NOON + HOUR, quiet: undefined });
    kit.pass(15 * SECOND);
    expect(kit.told()).toHaveLength(1);
  });
});
