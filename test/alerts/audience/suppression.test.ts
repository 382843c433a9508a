/** Silences, time windows and inhibitions. */
import { describe, expect, it } from '@jest/globals';

import { compile, HOUR, Kit, MINUTE, NOON, SECOND, viewOf } from './audience-kit.ts';

const cpu = { rule: 'cpu' };
const DAY = 24 * HOUR;

describe('a silence', () => {
  const until = NOON + HOUR;

  it('AL-086: that is made ahead begins in time, and one that has ended cannot be ended again', async () => {
    const kit = new Kit();
    const { id, state } = kit.notifications.addSilence({
      match: cpu,
      from: NOON + 10 * MINUTE,
      until,
      comment: 'upgrade',
      by: 'ana',
    });
    expect(state).toBe('pending');
    await kit.fire('warning', cpu);
    await kit.pass(MINUTE);
    expect(kit.told()).toEqual(['first cpu=warning']);
    await kit.pass(10 * MINUTE);
    expect(kit.notifications.listSilences()).toMatchObject([{ id, state: 'active' }]);
    await kit.fire('critical', cpu);
    await kit.pass(MINUTE);
    expect(kit.told()).toEqual([]);
    kit.notifications.expireSilence(id, 'ben');
    expect(() => kit.notifications.expireSilence(id, 'ben')).toThrow('has ended already');
    expect(kit.notifications.listSilences()).toMatchObject([{ id, state: 'expired' }]);
  });

  it('H-022: that ends in the far future is refused', () => {
    const kit = new Kit();
    const add = (end: number) => kit.notifications.addSilence({ match: cpu, until: end, comment: '', by: 'ana' });
    for (const end of [9e15, 8.64e15, NOON + 3000 * DAY]) expect(() => add(end)).toThrow('more than five years ahead');
    expect(kit.notifications.listSilences()).toEqual([]);
    expect(add(NOON + 365 * DAY)).toMatchObject({ state: 'active' });
  });

  it('AL-086: stays over a restart, and is forgotten days after its end', async () => {
    const before = new Kit();
    before.notifications.addSilence({ match: cpu, until, comment: 'upgrade', by: 'ana' });
    const kit = await before.restarted();
    expect(kit.notifications.listSilences()).toHaveLength(1);
    kit.clock.advance(6 * DAY);
    kit.notifications.tick();
    expect(kit.notifications.listSilences()).toEqual([]);
  });

  it('AL-087: what still fires when it is ended by hand is told at once', async () => {
    const kit = new Kit();
    const { id } = kit.notifications.addSilence({ match: cpu, until, comment: 'upgrade', by: 'ana' });
    await kit.fire('warning', cpu);
    await kit.pass(10 * MINUTE);
    kit.notifications.expireSilence(id, 'ana');
    await kit.settle();
    expect(kit.told()).toEqual(['unmuted cpu=warning']);
  });

  it('AL-087: what still fires when its time is over is told at once', async () => {
    const kit = new Kit();
    kit.notifications.addSilence({ match: cpu, until, comment: 'upgrade', by: 'ana' });
    await kit.fire('warning', cpu);
    await kit.pass(HOUR - SECOND);
    expect(kit.told()).toEqual([]);
    await kit.pass(SECOND);
    expect(kit.told()).toEqual(['unmuted cpu=warning']);
  });

  it.each([
    [{}, 'A silence of everything is refused; name a label'],
    [{ host: `~${'a'.repeat(300)}` }, 'A pattern has at most 256 characters'],
    [{ host: '~^(?=a)' }, '"^(?=a)" is not a regular expression of RE2: invalid or unsupported Perl syntax: `(?=`'],
  ])('AL-088: for %j is refused', (match, message) => {
    const kit = new Kit();
    expect(() => kit.notifications.addSilence({ match, until, comment: '', by: 'ana' })).toThrow(message);
  });

  it('AL-088: that ends before it begins is refused', () => {
    const kit = new Kit();
    expect(() => kit.notifications.addSilence({ match: cpu, until: NOON, comment: '', by: 'ana' })).toThrow(
      'would end before',
    );
  });

  it('AL-122: tells whoever asks why nobody is told', async () => {
    const config = {
      route: { routes: [{ match: { host: 'muted' }, mute: ['always'] }] },
      time_windows: { always: { times: ['00:00-24:00'] } },
      inhibit: [{ when: { host: 'web1', level: 'critical' }, mute: { host: 'inhibited' } }],
    };
    const kit = new Kit({ config, receivers: [{ name: 'ops', minLevel: 'warning' }] });
    const { id } = kit.notifications.addSilence({ match: { host: 'silent' }, until, comment: '', by: 'ana' });
    await kit.fire('critical', { host: 'web1' });
    for (const host of ['muted', 'inhibited', 'silent', 'acked']) await kit.fire('warning', { host });
    await kit.fire('info', { host: 'harmless' });
    const acked = viewOf({ host: 'acked' }, 'warning', 0).fingerprint;
    kit.notifications.acknowledge({ fingerprint: acked, by: 'ben', comment: '' });
    const why = (host: string) => kit.notifications.suppressions(kit.view(viewOf({ host }, 'warning', 0).fingerprint));
    expect(why('web1')).toEqual([]);
    expect(why('muted')).toEqual(['muted by always']);
    expect(why('inhibited')).toEqual(['inhibited by cpu']);
    expect(why('silent')).toEqual([`silenced by ${id} by ana`]);
    expect(why('acked')).toEqual(['acknowledged by ben']);
    expect(why('harmless')).toEqual(['below warning']);
  });
});

describe('a time window', () => {
  const nights = { nights: { zone: 'Europe/Athens', times: ['22:00-06:00'] } };
  const isMuted = async (windows: unknown, at: string, route: object = { mute: ['w'] }) => {
    const kit = new Kit({
      config: { time_windows: windows, route: { ...route, group_wait: '0s' } },
      start: Date.parse(at),
    });
    await kit.fire('critical', cpu);
    await kit.pass(SECOND);
    return kit.told().length === 0;
  };

  it.each([
    // Summer time begins on 29 March 2026 at 03:00, which becomes 04:00; it ends on 25 October at 04:00, which becomes 03:00.
    ['2026-03-28T19:59:00Z', false],
    ['2026-03-28T20:00:00Z', true],
    ['2026-03-29T02:59:00Z', true],
    ['2026-03-29T03:00:00Z', false],
    ['2026-03-29T18:59:00Z', false],
    ['2026-03-29T19:00:00Z', true],
    ['2026-10-24T18:59:00Z', false],
    ['2026-10-24T19:00:00Z', true],
    ['2026-10-25T03:59:00Z', true],
    ['2026-10-25T04:00:00Z', false],
    ['2026-10-25T20:00:00Z', true],
  ])('AL-089: 22:00-06:00 in Athens at %s: %s', async (at, expected) => {
    expect(await isMuted({ w: nights.nights }, at)).toBe(expected);
  });

  it.each([
    [{ days: ['mon-fri'] }, '2026-03-06T12:00:00Z', true],
    [{ days: ['mon-fri'] }, '2026-03-07T12:00:00Z', false],
    [{ days: ['fri'], times: ['22:00-06:00'] }, '2026-03-07T05:00:00Z', true],
    [{ days: ['fri'], times: ['22:00-06:00'] }, '2026-03-06T05:00:00Z', false],
    [{ days_of_month: [-1] }, '2026-02-28T12:00:00Z', true],
    [{ days_of_month: [-1] }, '2026-02-27T12:00:00Z', false],
    [{ days_of_month: [-1] }, '2028-02-29T12:00:00Z', true],
    [{ days_of_month: [31] }, '2026-04-30T12:00:00Z', false],
    [{ days_of_month: ['29..31'] }, '2026-04-30T12:00:00Z', true],
    [{ days_of_month: ['-3..-1'] }, '2026-02-26T12:00:00Z', true],
    [{ months: ['feb'] }, '2026-02-01T00:00:00Z', true],
    [{ months: ['jun-aug'] }, '2026-02-01T00:00:00Z', false],
  ])('AL-090: %j at %s: %s', async (window, at, expected) => {
    expect(await isMuted({ w: window }, at)).toBe(expected);
  });

  it('AL-091: that has ended does not end another one that overlaps', async () => {
    const windows = { a: { times: ['11:00-12:30'] }, b: { times: ['12:00-13:00'] } };
    const kit = new Kit({ config: { time_windows: windows, route: { mute: ['a', 'b'] } } });
    await kit.fire('warning', cpu);
    await kit.pass(HOUR - SECOND);
    expect(kit.told()).toEqual([]);
    await kit.pass(SECOND);
    expect(kit.told()).toEqual(['unmuted cpu=warning']);
  });

  it('AL-092: of one route mutes no other, of the first one all', async () => {
    const time_windows = { always: { times: ['00:00-24:00'] } };
    const routes = [{ match: { host: 'a' }, mute: ['always'] }];
    const kit = new Kit({ config: { time_windows, route: { routes } } });
    await kit.fire('critical', { host: 'a' });
    await kit.fire('critical', { host: 'b' });
    await kit.pass(MINUTE);
    expect(kit.sent.map(({ groupTags }) => groupTags)).toEqual([{ host: 'b' }]);
    const all = new Kit({ config: { time_windows, route: { mute: ['always'], routes: [{ match: { host: 'a' } }] } } });
    await all.fire('critical', { host: 'a' });
    await all.fire('critical', { host: 'never-seen' });
    await all.pass(MINUTE);
    expect(all.told()).toEqual([]);
  });

  it.each([
    ['2026-03-02T08:00:00Z', true],
    ['2026-03-02T10:00:00Z', false],
    ['2026-03-02T12:30:00Z', true],
    ['2026-03-02T14:00:00Z', false],
    ['2026-03-02T18:00:00Z', true],
  ])('AL-093: within the active times and outside of the muted ones, at %s muted: %s', async (at, expected) => {
    const windows = { work: { times: ['09:00-17:00'] }, lunch: { times: ['12:00-13:00'] } };
    expect(await isMuted(windows, at, { active: ['work'], mute: ['lunch'] })).toBe(expected);
  });

  it.each([
    ['2030-03-31T00:30:00Z', false],
    ['2030-03-31T01:05:00Z', false],
    ['2030-03-31T01:15:00Z', true],
    ['2030-03-31T01:35:00Z', true],
    ['2030-03-31T01:45:00Z', false],
    ['2030-04-01T00:15:00Z', true],
    ['2030-04-01T01:15:00Z', false],
  ])('R-018: in the hour that spring leaves out, is in the hour after it: at %s muted: %s', async (at, expected) => {
    // In Athens, 03:00 is followed by 04:00 on that day.
    const windows = { backup: { zone: 'Europe/Athens', times: ['03:10-03:40'] } };
    expect(await isMuted(windows, at, { mute: ['backup'] })).toBe(expected);
  });

  it('AL-094: that ends before the group is looked at again costs no note', async () => {
    const config = { time_windows: { w: { times: ['11:00-12:01'] } }, route: { mute: ['w'], group_interval: '1h' } };
    const kit = new Kit({ config });
    await kit.fire('warning', cpu);
    await kit.pass(MINUTE - SECOND);
    expect(kit.told()).toEqual([]);
    await kit.pass(2 * SECOND);
    expect(kit.told()).toEqual(['unmuted cpu=warning']);
  });
});

describe('an inhibition', () => {
  it('AL-095: counts for equal labels only, and ends with what explains the other', async () => {
    const config = { inhibit: [{ when: { rule: 'down' }, mute: { rule: 'cpu' }, same: ['host'] }] };
    const kit = new Kit({ config });
    await kit.fire('critical', { rule: 'down', host: 'a' });
    await kit.fire('critical', { rule: 'cpu', host: 'a' });
    await kit.fire('critical', { rule: 'cpu', host: 'b' });
    await kit.pass(MINUTE);
    expect(kit.told()).toEqual(['first down=critical', 'first cpu=critical']);
    await kit.resolve({ rule: 'down', host: 'a' });
    await kit.pass(MINUTE);
    expect(kit.told()).toEqual(['unmuted cpu=critical down=ok']);
  });

  it('AL-095: cannot concern the alert itself, nor one that explains as well', async () => {
    const config = { inhibit: [{ when: { level: 'critical' }, mute: { rule: '*' } }] };
    const kit = new Kit({ config });
    await kit.fire('critical', { rule: 'a' });
    await kit.fire('critical', { rule: 'b' });
    await kit.fire('warning', { rule: 'c' });
    await kit.pass(MINUTE);
    expect(kit.told()).toEqual(['first a=critical', 'new_alerts b=critical']);
  });

  it('AL-095: none is no trouble, an empty one is refused', () => {
    expect(compile({ inhibit: [] }).problems).toEqual([]);
    expect(compile({ inhibit: [{ when: {}, mute: { rule: 'x' } }] }).problems).toMatchObject([
      { path: ['inhibit', 0, 'when'], message: '"when" is empty' },
    ]);
  });

  it('AL-096: four tiers each mute what is below them, and let it go', async () => {
    const inhibit = [
      { when: { rule: 'region' }, mute: { rule: ['host', 'cpu', 'mem'] } },
      { when: { rule: 'host' }, mute: { rule: ['cpu', 'mem'] } },
      { when: { rule: 'cpu' }, mute: { rule: 'mem' } },
    ];
    const kit = new Kit({ config: { inhibit, route: { group_by: ['...'], group_wait: '0s' } } });
    const muted = () =>
      ['region', 'host', 'cpu', 'mem'].filter((rule) => {
        const alert = viewOf({ rule }, 'critical', 0);
        return kit.notifications.suppressions(alert).some((reason) => reason.startsWith('inhibited'));
      });
    for (const rule of ['region', 'host', 'cpu', 'mem']) await kit.fire('critical', { rule });
    expect(kit.told()).toEqual(['first region=critical']);
    expect(muted()).toEqual(['host', 'cpu', 'mem']);
    for (const [ended, next] of [
      ['region', 'host'],
      ['host', 'cpu'],
      ['cpu', 'mem'],
    ] as const) {
      await kit.resolve({ rule: ended });
      await kit.pass(SECOND);
      expect(kit.told()).toEqual([`all_resolved ${ended}=ok`, `unmuted ${next}=critical`]);
    }
  });
});

it('a configured silence covers what it names, and is no longer there when the configuration drops it', async () => {
  const silences = [{ match: { rule: 'cpu' }, until: '2030-01-01T00:00:00Z', comment: 'old', by: 'ana' }];
  const kit = new Kit({ config: { silences } });
  await kit.fire('critical', cpu);
  await kit.pass(MINUTE);
  expect(kit.told()).toEqual([]);
  expect(() => kit.notifications.expireSilence('config-1', 'ben')).toThrow('that one stands in the configuration');
  await kit.reload({});
  await kit.pass(MINUTE);
  expect(kit.told()).toEqual(['unmuted cpu=critical']);
});

describe('a mute that begins after the alert', () => {
  it('AL-092: holds back its repeats, until the time window ends', async () => {
    const config = { time_windows: { w: { times: ['13:00-15:00'] } }, route: { mute: ['w'], repeat: '50m' } };
    const kit = new Kit({ config });
    await kit.fire('critical', cpu);
    await kit.pass(HOUR - SECOND);
    expect(kit.told()).toEqual(['first cpu=critical', 'repeat cpu=critical']);
    await kit.pass(2 * HOUR);
    expect(kit.told()).toEqual([]);
    await kit.pass(MINUTE);
    expect(kit.told()).toEqual(['repeat cpu=critical']);
  });

  it('AL-095: holds back an alert that still waits for others of its group', async () => {
    const kit = new Kit({ config: { inhibit: [{ when: { rule: 'down' }, mute: { rule: 'cpu' }, same: ['host'] }] } });
    await kit.fire('warning', cpu);
    await kit.pass(5 * SECOND);
    await kit.fire('critical', { rule: 'down' });
    await kit.pass(5 * MINUTE);
    expect(kit.told()).toEqual(['first down=critical']);
  });
});

describe('an acknowledgement for a time', () => {
  it('AL-078: that is over lets repeats and escalations go on', async () => {
    const config = { route: { notify: ['ops'], repeat: '30m', escalate: [{ after: '20m', notify: ['boss'] }] } };
    const kit = new Kit({ config, receivers: ['ops', 'boss'] });
    const fingerprint = await kit.fire('critical', cpu);
    kit.told();
    kit.notifications.acknowledge({ fingerprint, by: 'ana', comment: '', until: NOON + HOUR });
    await kit.pass(HOUR - SECOND);
    expect(kit.told()).toEqual([]);
    await kit.pass(2 * MINUTE);
    expect(kit.told('boss')).toEqual(['escalation cpu=critical']);
    expect(kit.told('ops')).toEqual(['repeat cpu=critical']);
  });
});
