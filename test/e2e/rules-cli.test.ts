/** The commands on rules and routes, run as a user runs them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from '@jest/globals';

import { runCli, startCli } from '../support/kit/cli.ts';

const EXAMPLE = join(import.meta.dirname, '..', '..', 'examples', 'alerts-team');
const config = join(EXAMPLE, 'healthd.yaml');
const env = {
  SLACK_WEBHOOK: 'https://hooks.slack.com/services/T/B/X',
  SMTP_PASSWORD: 'secret',
  PAGERDUTY_KEY: 'key',
};

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-rules-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

it('AL-123: the tests of the example pass', async () => {
  const { stdout, code } = await runCli(['rules', 'test', join(EXAMPLE, 'rules.test.yaml'), '--config', config], {
    env,
  });
  expect(stdout).toMatch(/✓ a disk that fills up fires a warning.*\n[^]*\n3 tests passed\n$/);
  expect(code).toBe(0);
});

it('AL-123: a failing test prints the actual course', async () => {
  const file = join(folder, 'rules.test.yaml');
  const text = readFileSync(join(EXAMPLE, 'rules.test.yaml'), 'utf8');
  writeFileSync(
    file,
    text.replace('at: 3m, status: firing, level: warning', 'at: 3m, status: firing, level: critical'),
  );
  const { stdout, code } = await runCli(['rules', 'test', file, '--config', config], { env });
  expect(stdout).toContain(`✗ a disk that fills up fires a warning, resolved when there is space again
    at 3m: expected firing critical, got firing warning
    course: 0s ok → 1m pending warning → 3m firing warning → 5m recovering warning → 10m ok
`);
  expect(stdout).toMatch(/1 of 3 tests failed\n$/);
  expect(code).toBe(1);
});

it('AL-123: a test file may contain rules, and their mistakes are reported with their place', async () => {
  const file = join(folder, 'own.yaml');
  const alerts = { defaults: 'off', rules: [{ id: 'own', metric: 'app.queue', above: { warning: 5 } }] };
  const tests = [
    { name: 'a queue', rule: 'own', series: { 'app.queue': '1 9' }, expect: [{ at: '10s', status: 'firing' }] },
  ];
  writeFileSync(file, JSON.stringify({ alerts, tests }));
  expect(await runCli(['rules', 'test', file])).toMatchObject({ stdout: '✓ a queue\n1 test passed\n', code: 0 });
  writeFileSync(file, JSON.stringify({ alerts, tests: [{ ...tests[0], rule: 'owm' }] }, undefined, 1));
  const bad = await runCli(['rules', 'test', file]);
  expect(bad.stderr).toMatch(/own\.yaml:\d+:\d+: There is no rule "owm"[^]*did you mean "own"/);
  expect(bad.code).toBe(2);
});

it('AL-099: routes test prints the route of an alert, its receivers and timers', async () => {
  const labels = ['host=web1', 'rule=disk_space', 'level=critical'];
  const at = ['--at', '2030-12-04T12:00:00Z'];
  const { stdout, code } = await runCli(['routes', 'test', ...labels, ...at, '--config', config], { env });
  expect(stdout).toBe(`route: root → pages
  receivers: oncall, ops-slack
  at 2030-12-04T12:00:00.000Z: notified
  group: pages:{host="web1"}
  first notification after 0s, updates at most every 2m
  repeated every 4h
  escalates after 20m unless acknowledged: ops-mail
`);
  expect(code).toBe(0);
});

it('R-014: in a rule test 0x10 is ten zeros, and unquoted the error says how to write it', async () => {
  const file = join(folder, 'zeros.test.yaml');
  const write = (series: string) => {
    const rules = '[{ id: q, metric: queue.depth, below: { warning: 5 } }]';
    const expected = '[{ at: 90s, status: firing }]';
    const test = `{ name: zeros, rule: q, series: { queue.depth: ${series} }, expect: ${expected} }`;
    writeFileSync(file, `alerts: { rules: ${rules} }\ntests: [${test}]\n`);
  };
  write('0x10');
  const refused = await runCli(['rules', 'test', file]);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('= put it in quotes\n');
  write("'0x10'");
  expect(await runCli(['rules', 'test', file])).toMatchObject({ code: 0, stderr: '' });
});

it('R-016: routes test --at shows the route at that time', async () => {
  const file = join(folder, 'healthd.json');
  const route = {
    notify: ['log'],
    routes: [
      { name: 'oncall', match: { level: 'critical' }, active: ['nights'] },
      { name: 'builds', match: { host: 'build-*' }, mute: ['nights'] },
    ],
  };
  const time_windows = { nights: { times: ['22:00-06:00'], zone: 'Europe/Athens' } };
  const upgrade = { from: '2030-12-04T00:00:00Z', until: '2030-12-05T00:00:00Z', comment: 'upgrade', by: 'ann' };
  const silences = [{ match: { host: 'db1' }, ...upgrade }];
  const alerts = { route, time_windows, silences };
  writeFileSync(file, JSON.stringify({ outputs: ['discard'], notifiers: { log: { console: {} } }, alerts }));
  const answer = async (at: string, ...labels: string[]) => {
    const { stdout, stderr } = await runCli(['routes', 'test', ...labels, '--at', at, '--config', file]);
    const [, route = '', verdict = ''] = /^route: (.*)$[^]*?^ {2}at .*?Z: (.*)$/m.exec(stdout) ?? [];
    return verdict === '' ? stderr : `${route}: ${verdict}`;
  };
  const critical = ['level=critical', 'host=web1'];
  expect(await answer('2030-12-04T12:00:00Z', ...critical)).toBe('root: notified');
  expect(await answer('2030-12-04T20:00:00Z', ...critical)).toBe('root → oncall: notified');
  const build = ['level=warning', 'host=build-7'];
  expect(await answer('2030-12-04T19:59:00Z', ...build)).toBe('root → builds: notified');
  expect(await answer('2030-12-04T20:00:00Z', ...build)).toBe('root → builds: not notified, muted during nights');
  expect(await answer('2030-12-04T12:00:00Z', 'host=db1')).toBe('root: not notified, silenced by ann: upgrade');
  expect(await answer('2030-12-05T00:00:00Z', 'host=db1')).toBe('root: notified');
  expect(await answer('noon', 'host=db1')).toContain('"noon" is not a time; write 22:00, 2h for in two hours');
});

it('rules replay shows what would have fired over the journal', async () => {
  const file = join(folder, 'queue.lp');
  const own = join(folder, 'healthd.json');
  const rules = [{ id: 'queue_long', metric: 'queue.depth', above: { critical: { at: 100, clear: 50 } } }];
  writeFileSync(
    own,
    JSON.stringify({
      agent: { interval: '100ms', state_dir: join(folder, 'state'), hostname: 'web1' },
      journal: { keep: '1h' },
      inputs: [{ exec: { commands: [['cat', file]] } }],
      outputs: ['discard'],
      alerts: { defaults: 'off' },
    }),
  );
  writeFileSync(file, 'queue,name=mails depth=1\n');
  const agent = startCli(['run', '--config', own]);
  await agent.until('Started');
  await new Promise((resolve) => setTimeout(resolve, 500));
  writeFileSync(file, 'queue,name=mails depth=500\n');
  await new Promise((resolve) => setTimeout(resolve, 500));
  await agent.end();
  // The rule is added after the fact.
  writeFileSync(
    own,
    JSON.stringify({ ...(JSON.parse(readFileSync(own, 'utf8')) as object), alerts: { defaults: 'off', rules } }),
  );
  const { stdout, stderr, code } = await runCli(['rules', 'replay', '--from', '1h', '--config', own]);
  expect(stdout).toMatch(/fired\s+critical\s+queue_long\s+host=web1 name=mails\s+500/);
  expect(stderr).toMatch(/^1 alert from 1 rule over \d+ lines\n$/);
  expect(code).toBe(0);
}, 30_000);
