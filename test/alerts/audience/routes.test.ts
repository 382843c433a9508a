/** Which way an alert goes. */
import { describe, expect, it } from '@jest/globals';

import { routesFor } from '../../../src/alerts/audience/match-routes.ts';
import { compilePattern } from '../../../src/alerts/audience/patterns.ts';

import { compile, HOUR, Kit, MINUTE, NOON, routingOf } from './audience-kit.ts';

describe('AL-085: a pattern', () => {
  it.each([
    ['web1', 'web1', true],
    ['web1', 'web11', false],
    ['!web1', 'web2', true],
    ['!web1', 'web1', false],
    ['web*', 'web11', true],
    ['~web\\d+', 'web11', true],
    ['~web', 'web11', false],
    ['!~web.*', 'db1', true],
    ['!~web.*', 'web1', false],
    ['*', '', true],
    ['', '', true],
    ['!', '', false],
    [['web*', '!web3'], 'web2', true],
    [['web*', '!web3'], 'web3', false],
    [['!tmpfs', '!overlay'], 'ext4', true],
    [['!tmpfs', '!overlay'], '', true],
    ['~(?i)WEB\\d{2,}|db', 'web07', true],
    ['~web|db', 'dbx', false],
    ['~[[:alpha:]]+', 'web', true],
    ['~', '', true],
  ])('%j for %j: %s', (pattern, value, expected) => {
    expect(compilePattern(pattern)(value)).toBe(expected);
  });

  it.each(['~(a+)+b', '~.*.*.*.*.*.*x', '~(a|a)*c', '~(.*)*y'])('H-006: %s is fast on every text', (pattern) => {
    const matches = compilePattern(pattern);
    const start = performance.now();
    expect(matches('a'.repeat(4000))).toBe(false);
    expect(performance.now() - start).toBeLessThan(2000);
  });

  it('takes a label that is missing for an empty one', () => {
    const config = { route: { routes: [{ name: 'teamless', match: { team: '' } }] } };
    const [answer] = routesFor(routingOf(config), { rule: 'cpu' }, NOON);
    expect(answer?.route.id).toBe('teamless');
  });
});

describe('AL-097: an alert', () => {
  const config = {
    route: {
      notify: ['ops'],
      group_by: ['host'],
      group_wait: '30s',
      routes: [
        { name: 'audit', match: { rule: '*' }, notify: ['log'], continue: true },
        {
          name: 'web',
          match: { host: 'web*' },
          group_wait: { critical: '1s' },
          routes: [{ name: 'web-critical', match: { level: 'critical' }, notify: ['boss'] }],
        },
        { name: 'never', match: { host: 'web*' } },
      ],
    },
  };
  const routing = routingOf(config, ['ops', 'log', 'boss']);
  const ways = (labels: Record<string, string>) =>
    routesFor(routing, labels, NOON).map(({ route }) => route.path.join('/'));

  it('takes the first route that matches, and those after it where that says so', () => {
    expect(ways({ rule: 'cpu', host: 'web1', level: 'warning' })).toEqual(['root/audit', 'root/web']);
  });

  it('takes the deepest that matches', () => {
    expect(ways({ rule: 'cpu', host: 'web1', level: 'critical' })).toEqual(['root/audit', 'root/web/web-critical']);
  });

  it('takes the first one where no other matches', () => {
    const alone = routingOf({ route: { routes: [{ match: { host: 'a' } }] } });
    expect(routesFor(alone, { host: 'b' }, NOON).map(({ route }) => route.id)).toEqual(['root']);
  });

  it('finds there what the routes around it say', () => {
    const route = routing.routes.get('web-critical');
    expect(route).toMatchObject({
      receivers: ['boss'],
      groupBy: ['host'],
      groupWait: { info: 30_000, warning: 30_000, critical: 1000 },
    });
  });

  it('AL-061: goes to the same group after routes were moved about', () => {
    const a = { match: { host: 'a' } };
    const b = { match: { host: 'b' } };
    const keys = (routes: readonly object[]) =>
      routesFor(routingOf({ route: { routes } }), { host: 'a' }, NOON).map(({ groupKey }) => groupKey);
    expect(keys([a, b])).toEqual(keys([b, a]));
  });
});

describe('R-015: a route that is active at night', () => {
  const config = {
    time_windows: { nights: { times: ['22:00-06:00'] } },
    route: {
      notify: ['team'],
      group_wait: '0s',
      routes: [
        { name: 'night', match: { level: 'critical' }, active: ['nights'], notify: ['oncall'] },
        { name: 'disks', match: { rule: 'disk' }, notify: ['storage'] },
      ],
    },
  };
  const receivers = ['team', 'oncall', 'storage'];
  const night = NOON + 11 * HOUR;

  it.each([
    ['by day, to the route around it', { rule: 'cpu', level: 'critical' }, NOON, 'root'],
    ['by day, to the routes after it', { rule: 'disk', level: 'critical' }, NOON, 'disks'],
    ['by night', { rule: 'disk', level: 'critical' }, night, 'night'],
  ])('leads critical alerts %s', (_, labels, at, route) => {
    expect(routesFor(routingOf(config, receivers), labels, at).map((answer) => answer.route.id)).toEqual([route]);
  });

  it('hands over an alert that goes on in the morning; both hear of its end', async () => {
    const kit = new Kit({ config, receivers, start: night });
    await kit.fire('critical', { rule: 'cpu' });
    await kit.pass(8 * HOUR);
    await kit.resolve({ rule: 'cpu' });
    await kit.pass(MINUTE);
    expect(kit.sent.map(({ receiver, status, time }) => [receiver, status, new Date(time).getUTCHours()])).toEqual([
      ['oncall', 'firing', 23],
      ['oncall', 'firing', 3],
      ['team', 'firing', 6],
      ['oncall', 'resolved', 7],
      ['team', 'resolved', 7],
    ]);
  });
});

describe('AL-098: is refused, with its place:', () => {
  it.each([
    ['a first route that matches', { route: { match: { host: 'a' } } }, ['route', 'match']],
    ['a receiver that is not there', { route: { notify: ['opps'] } }, ['route', 'notify']],
    ['a receiver twice', { route: { notify: ['ops', 'ops'] } }, ['route', 'notify', 1]],
    ['no time between two notes', { route: { group_interval: '0s' } }, ['route', 'group_interval']],
    ['no time until it is said again', { route: { repeat: { critical: '0s' } } }, ['route', 'repeat', 'critical']],
    ['a label twice', { route: { group_by: ['host', 'host'] } }, ['route', 'group_by', 1]],
    ['all labels and another one', { route: { group_by: ['...', 'host'] } }, ['route', 'group_by']],
    ['a time window that is not there', { route: { mute: ['nite'] } }, ['route', 'mute']],
    [
      'a time zone that is not there',
      { time_windows: { w: { zone: 'Europe/Nowhere' } } },
      ['time_windows', 'w', 'zone'],
    ],
    ['two routes of one name', { route: { routes: [{ name: 'a' }, { name: 'a' }] } }, ['route', 'routes', 1, 'name']],
    [
      'somebody who is told already',
      { route: { notify: ['ops'], escalate: [{ after: '1m', notify: ['ops'] }] } },
      ['route', 'escalate', 0, 'notify'],
    ],
    [
      'a regular expression that is not one of RE2',
      { route: { routes: [{ match: { host: '~(a)\\1' } }] } },
      ['route', 'routes', 0, 'match', 'host'],
    ],
    [
      'a silence of everything',
      { silences: [{ match: {}, until: '2030-01-01T00:00:00Z', comment: 'x', by: 'a' }] },
      ['silences', 0, 'match'],
    ],
  ])('%s', (_what, config, path) => {
    const { problems } = compile(config);
    expect(problems.map((problem) => problem.path)).toEqual([path]);
  });
});
