/** The built agent evaluates rules on the output of a real program and notifies real servers. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from '@jest/globals';

import type { Notification } from '../../src/plugin/notification.ts';
import { fakeService, type FakeService } from '../contract/notifier-contract.ts';
import { runCli, startCli, type RunningCli } from '../support/kit/cli.ts';
import { LOGIN, startMailServer, type MailServer } from '../support/fakes/smtp.ts';

const TIMEOUT = 60_000;

let folder: string;
let config: string;
let slack: FakeService;
let teams: FakeService;
let hook: FakeService;
let mail: MailServer;
let agent: RunningCli | undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-alerts-'));
  config = join(folder, 'healthd.json');
  slack = await fakeService({ status: 200, body: 'ok' });
  teams = await fakeService({ status: 202, body: '' });
  hook = await fakeService({ status: 200, body: '' });
  mail = await startMailServer();
  writeFileSync(join(folder, 'ca.pem'), mail.certificate);
  setDepth(1);
});

afterEach(async () => {
  await agent?.end('SIGKILL');
  agent = undefined;
  await Promise.all([slack.close(), teams.close(), hook.close(), mail.close()]);
  rmSync(folder, { recursive: true, force: true });
});

function setDepth(depth: number): void {
  writeFileSync(join(folder, 'queue.lp'), `queue,name=mails depth=${depth}\n`);
}

function writeConfig(notifiers: Readonly<Record<string, unknown>>): void {
  writeFileSync(
    config,
    JSON.stringify({
      agent: { interval: '200ms', hostname: 'web1', state_dir: join(folder, 'state') },
      inputs: ['cpu', 'mem', 'disk', { exec: { commands: [['cat', join(folder, 'queue.lp')]] } }],
      outputs: ['discard'],
      notifiers,
      alerts: {
        defaults: 'off',
        rules: [
          {
            id: 'queue_long',
            summary: 'The queue {{ tags.name }} on {{ host }} has {{ value | round }} entries',
            metric: 'queue.depth',
            group_by: ['name'],
            above: { critical: { at: 100, clear: 50 } },
            context: ['top_cpu', 'top_memory'],
          },
        ],
        route: { group_wait: '0s', group_interval: '1s' },
      },
    }),
  );
}

async function until(condition: () => boolean, what: string, timeout = 20_000): Promise<void> {
  for (let waited = 0; !condition(); waited += 50) {
    if (waited > timeout) throw new Error(`${what}: not within ${timeout} ms\n${agent?.stderr() ?? ''}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function notifications({ taken }: FakeService): readonly Notification[] {
  return taken.map(({ body }) => JSON.parse(body) as Notification);
}

async function start(): Promise<void> {
  agent = startCli(['run', '--config', config]);
  await agent.until('Started');
}

it(
  'every receiver gets one firing and one resolved notification',
  async () => {
    writeConfig({
      ops: { slack: { url: slack.url } },
      chat: { teams: { url: teams.url } },
      raw: { webhook: { url: hook.url, format: 'healthd' } },
      post: {
        email: {
          smtp: `smtp://localhost:${mail.port}`,
          ...LOGIN,
          from: 'healthd@example.org',
          to: ['ops@example.org'],
          starttls: 'required',
          tls: { ca: join(folder, 'ca.pem') },
        },
      },
    });
    await start();
    setDepth(500);
    const all = () => [slack.taken.length, teams.taken.length, hook.taken.length, mail.mails.length];
    await until(() => Math.min(...all()) >= 1, 'the beginning');

    const listed = await runCli(['alerts', '--config', config]);
    expect(listed.stdout).toMatch(/critical\s+firing\s+queue_long\s+host=web1 name=mails/);

    setDepth(10);
    await until(() => Math.min(...all()) >= 2, 'the end');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(all()).toEqual([2, 2, 2, 2]);
    expect(notifications(hook).map(({ status, reason }) => [status, reason])).toEqual([
      ['firing', 'first'],
      ['resolved', 'all_resolved'],
    ]);

    const [first] = notifications(hook);
    expect(first?.alerts[0]?.summary).toBe('The queue mails on web1 has 500 entries');
    const kinds = first?.alerts[0]?.context.map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(['host', 'top_memory']));
    expect(JSON.stringify(first?.alerts[0]?.context)).toContain('Memory Usage');
    expect(slack.taken[0]?.body).toContain('CRITICAL: The queue mails on web1 has 500 entries');
    expect(teams.taken[0]?.body).toContain('AdaptiveCard');
    expect(mail.mails.map(({ subject }) => subject)).toEqual([
      expect.stringContaining('🔴 CRITICAL: The queue mails on web1 has 500 entries'),
      expect.stringMatching(/^✅ RESOLVED after \d+ s, was “The queue mails on web1 has 500 entries”, now 10$/),
    ]);
    expect(mail.mails[0]?.text).toMatch(/^Alert: The queue mails on web1 has 500 entries\nServer: web1\n/);

    const history = await runCli(['alerts', '--history', '--config', config]);
    expect(history.stdout).toContain('delivered');
    await agent?.end();
  },
  TIMEOUT,
);

it(
  'AL-084: a receiver unreachable while the alert fired and was resolved, with a kill in between, gets one late notification',
  async () => {
    writeConfig({ raw: { webhook: { url: hook.url, format: 'healthd' } } });
    hook.answer = { status: 503, body: 'away' };
    await start();
    setDepth(500);
    // If it is killed before the answer is recorded, the first notification may have been delivered and is sent again.
    await agent?.until('was not accepted');
    await agent?.end('SIGKILL');

    setDepth(10);
    await start();
    await agent?.until('Resolved: ');
    // Notifications sent from now on were made after the alert was resolved.
    const before = hook.taken.length;
    await until(() => hook.taken.length > before, 'another attempt', 40_000);
    const refused = hook.taken.length;
    hook.answer = { status: 200, body: '' };
    await until(() => hook.taken.length > refused, 'the note', 40_000);
    await new Promise((resolve) => setTimeout(resolve, 3000));

    const accepted = notifications(hook).slice(refused);
    expect(accepted.map(({ status, reason }) => [status, reason])).toEqual([['resolved', 'late']]);
  },
  TIMEOUT,
);

it(
  'an alert that fired before a restart is not sent again, but its end is',
  async () => {
    writeConfig({ raw: { webhook: { url: hook.url, format: 'healthd' } } });
    await start();
    setDepth(500);
    await until(() => hook.taken.length === 1, 'the beginning');
    await agent?.end('SIGKILL');
    await start();
    await new Promise((resolve) => setTimeout(resolve, 2000));
    // If it is killed before the answer is recorded, the same notification is sent again, with the same id.
    expect(new Set(notifications(hook).map(({ id }) => id)).size).toBe(1);

    const before = hook.taken.length;
    setDepth(10);
    await until(() => hook.taken.length === before + 1, 'the end');
    expect(notifications(hook)[before]).toMatchObject({ status: 'resolved', reason: 'all_resolved' });
  },
  TIMEOUT,
);

it(
  'a silence made by command suppresses notifications until it is expired',
  async () => {
    writeConfig({ raw: { webhook: { url: hook.url, format: 'healthd' } } });
    await start();
    const made = await runCli(['silence', 'add', 'rule=queue_*', '--for', '1h', '--json', '--config', config]);
    const { id } = JSON.parse(made.stdout) as { readonly id: string };
    setDepth(500);
    await agent?.until('critical: The queue');
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(hook.taken).toEqual([]);
    const listed = await runCli(['alerts', '--config', config]);
    expect(listed.stdout).toContain(`silenced by ${id}`);

    const expired = await runCli(['silence', 'expire', id, '--config', config]);
    expect(expired.code).toBe(0);
    await until(() => hook.taken.length === 1, 'the note after the silence');
    expect(notifications(hook)[0]).toMatchObject({ reason: 'unmuted', status: 'firing' });
  },
  TIMEOUT,
);

it(
  'R-019, R-020: a silence with a typo is refused, one that matches nothing says so, with the host of another agent',
  async () => {
    writeConfig({ raw: { webhook: { url: hook.url, format: 'healthd' } } });
    await start();
    const add = (match: string) => runCli(['silence', 'add', match, '--for', '1h', '--config', config]);
    const typo = await add('rule=queue_logn');
    expect(typo).toMatchObject({ code: 2, stdout: '' });
    expect(typo.stderr).toContain('There is no rule "queue_logn"; did you mean "queue_long"?');
    const quiet = await add('rule=queue_*');
    expect(quiet.code).toBe(0);
    expect(quiet.stderr).toBe('The silence matches no alert that is firing now\n');
    const elsewhere = await add('host=another-host');
    expect(elsewhere.stderr).toMatch(
      /; this agent is on the host .*, and agents of other hosts do not get the silence\n$/,
    );
    setDepth(500);
    await agent?.until('critical: The queue');
    expect((await add('rule=queue_*')).stderr).toBe('');
  },
  TIMEOUT,
);

it(
  'AL-062: a configuration with a bad rule is refused, and the old alerts go on',
  async () => {
    writeConfig({ raw: { webhook: { url: hook.url, format: 'healthd' } } });
    await start();
    const good = readFileSync(config, 'utf8');
    writeFileSync(config, good.replace('"queue.depth"', '"mem.usd_percent"'));
    agent?.child.kill('SIGHUP');
    await agent?.until(/did you mean "mem\.used_percent"/);
    setDepth(500);
    await until(() => hook.taken.length === 1, 'the beginning');
    expect(notifications(hook)[0]?.alerts[0]?.rule).toBe('queue_long');
  },
  TIMEOUT,
);

it(
  'a broken receiver is reported to the others',
  async () => {
    slack.answer = { status: 404, body: 'no_service' };
    writeConfig({ broken: { slack: { url: slack.url } }, raw: { webhook: { url: hook.url, format: 'healthd' } } });
    const standard = JSON.parse(readFileSync(config, 'utf8')) as { alerts: { defaults: string } };
    standard.alerts.defaults = 'minimal';
    writeFileSync(config, JSON.stringify(standard));
    await start();
    setDepth(500);
    const notes = () =>
      notifications(hook).flatMap(({ alerts }) => alerts.filter(({ rule }) => rule === 'notify_failing'));
    await until(() => notes().length > 0, 'the note on the receiver', 30_000);
    expect(notes()[0]).toMatchObject({
      level: 'critical',
      summary: 'Notifications from web1 to broken are failing',
      tags: { host: 'web1', receiver: 'broken' },
    });
    expect(slack.taken.every(({ body }) => !body.includes('notify_failing'))).toBe(true);
  },
  TIMEOUT,
);

it('AL-117: notify test works without a running agent, and its exit code reports failure', async () => {
  writeConfig({ ops: { slack: { url: slack.url } }, gone: { webhook: { url: hook.url } } });
  const good = await runCli(['notify', 'test', 'ops', '--config', config]);
  expect(good.stdout).toMatch(/^firing: accepted in \d+ ms\nresolved: accepted in \d+ ms\n$/);
  expect(good.code).toBe(0);
  expect(slack.taken).toHaveLength(2);

  hook.answer = { status: 404, body: 'no such hook' };
  const bad = await runCli(['notify', 'test', 'gone', '--config', config]);
  expect(bad.stdout).toContain('✗ The webhook answered 404: no such hook');
  expect(bad.code).toBe(1);
  const unknown = await runCli(['notify', 'test', 'opps', '--config', config]);
  expect(unknown.stderr).toContain('The configuration has no notifier "opps"; did you mean "ops"?');
  expect(unknown.code).toBe(2);
});
