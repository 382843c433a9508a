/** The recipes of docs/alerts.md do what they promise: each configuration is loaded and run on metrics of some hours. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from '@jest/globals';

import { Alerts } from '../src/alerts/alerts.ts';
import { memoryAlertStore } from '../src/alerts/store/memory-store.ts';
import type { Config } from '../src/config/config.ts';
import { loadConfig } from '../src/config/load.ts';
import { nanoseconds } from '../src/core/clock.ts';
import { parseLines } from '../src/metric/line-protocol/parser.ts';
import type { FieldValue, Tags } from '../src/metric/metric.ts';
import { builtInPlugins } from '../src/registry/registry.ts';
import { manualClock, silentLog } from '../src/testing.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const STEP = 30_000;
const folder = mkdtempSync(join(tmpdir(), 'healthd-recipes-'));
const guide = readFileSync(join(import.meta.dirname, '../docs/alerts.md'), 'utf8');

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** The configuration under a heading. */
function recipe(title: string): string {
  const [, section = ''] = guide.split(`\n### ${title}\n`);
  const [, yaml] = /^```yaml\n([^]*?)^```/m.exec(section) ?? [];
  if (yaml === undefined) throw new Error(`No configuration under "${title}"`);
  return yaml;
}

async function load(yaml: string): Promise<Config> {
  const path = join(folder, 'healthd.yaml');
  const team = "notifiers:\n  team: { slack: { url: '${env:SLACK_WEBHOOK}' } }\n";
  const inputs = 'inputs: [cpu, mem, disk]\n';
  writeFileSync(path, (/^inputs:/m.test(yaml) ? '' : inputs) + (/^notifiers:/m.test(yaml) ? '' : team) + yaml);
  const environment = { SLACK_WEBHOOK: 'https://hooks.slack.com/services/T0/B0/x', PAGERDUTY_KEY: 'key' };
  return loadConfig({ path, cwd: folder, environment, registry: builtInPlugins, platform: 'linux', uid: undefined });
}

interface Sample {
  readonly name: string;
  readonly tags: Tags;
  readonly fields: Readonly<Record<string, FieldValue>>;
}

interface Scene {
  readonly alerts: Alerts;
  /** What each receiver was sent, as `team 06:00 firing disk_space web1`. */
  readonly sent: string[];
  /** These samples every half minute. */
  pass(ms: number, ...samples: readonly Sample[]): Promise<void>;
}

async function run(title: string, start: string): Promise<Scene> {
  const { alerts: settings, notifiers } = await load(recipe(title));
  const clock = manualClock(Date.parse(start));
  const sent: string[] = [];
  const receivers = notifiers.map(({ alias: name }) => ({
    name,
    address: { kind: 'fake', target: name },
    timeout: 10_000,
    rate: { perSecond: 100, burst: 100 },
    notifier: {
      notify({
        alerts: changed,
        time,
      }: {
        alerts: readonly { rule: string; host: string; status: string }[];
        time: number;
      }) {
        const at = new Date(time).toISOString().slice(11, 16);
        for (const { rule, host, status } of changed) sent.push(`${name} ${at} ${status} ${rule} ${host}`);
        return Promise.resolve();
      },
    },
  }));
  const alerts = new Alerts({
    settings,
    receivers,
    store: memoryAlertStore(),
    onWaiting: () => undefined,
    capture: { wants: () => false, observe: () => undefined, take: () => [], prepare: () => undefined },
    clock,
    random: () => 0.5,
    log: silentLog,
  });
  alerts.start();
  return {
    alerts,
    sent,
    async pass(ms, ...samples) {
      for (let left = ms; left > 0; left -= STEP) {
        clock.advance(STEP);
        for (const sample of samples) alerts.observe({ ...sample, time: nanoseconds(clock.now()) });
        alerts.tick();
        await new Promise(setImmediate);
      }
    },
  };
}

function disk(host: string, path: string, percent: number): Sample {
  const tags = { host, path, device: path.slice(1) || 'sda1', fstype: 'ext4', mode: 'rw' };
  return { name: 'disk', tags, fields: { used_percent: percent, free: 1_000_000_000n, read_only: false } };
}

function cpu(host: string, busy: number): Sample {
  return { name: 'cpu', tags: { host, cpu: 'cpu-total' }, fields: { usage_idle: 100 - busy } };
}

describe('the recipe', () => {
  it('thresholds: a disk beyond its limit is a warning, and resolved when there is space again', async () => {
    const { pass, sent } = await run('Thresholds in one line', '2030-12-03T12:00:00Z');
    await pass(10 * MINUTE, disk('web1', '/', 84));
    await pass(10 * MINUTE, disk('web1', '/', 86));
    await pass(10 * MINUTE, disk('web1', '/', 50));
    expect(sent).toEqual(['team 12:13 firing disk_space web1', 'team 12:26 resolved disk_space web1']);
  });

  it('other limits for one host or one disk', async () => {
    const { pass, sent } = await run('Other limits for one host or one disk', '2030-12-03T12:00:00Z');
    const samples = [cpu('build-1', 99), cpu('web1', 99), disk('web1', '/', 82)];
    await pass(30 * MINUTE, ...samples, disk('web1', '/backup', 96));
    expect(sent.map((each) => each.slice(11))).toEqual([
      'firing disk_space web1',
      'firing cpu_high web1',
      'firing cpu_high web1',
    ]);
    await pass(40 * MINUTE, ...samples, disk('web1', '/backup', 98));
    expect(sent.map((each) => each.slice(11)).slice(3)).toEqual([
      'firing backup_space web1',
      'firing build_cpu_high build-1',
    ]);
  });

  it('nights with escalation: the night goes to oncall and then the lead, the day to the team', async () => {
    const { pass, sent, alerts } = await run('Nights with escalation', '2030-12-03T18:00:00Z');
    const full = [disk('web1', '/', 96)];
    await pass(HOUR, ...full);
    expect(sent).toEqual(['team 18:02 firing disk_space web1']);
    await pass(90 * MINUTE, disk('web1', '/', 10));
    await pass(HOUR, disk('web1', '/', 10));
    sent.length = 0;
    await pass(4 * HOUR, ...full);
    expect(sent).toEqual(['oncall 21:32 firing disk_space web1', 'lead 21:52 firing disk_space web1']);
    expect(alerts.alerts()[0]).toMatchObject({ state: 'firing', suppressed: [] });
    sent.length = 0;
    await pass(3 * HOUR, ...full);
    expect(sent).toEqual([
      'oncall 01:32 firing disk_space web1',
      'lead 01:52 firing disk_space web1',
      'team 04:00 firing disk_space web1',
    ]);
    sent.length = 0;
    await pass(HOUR, disk('web1', '/', 10));
    expect(sent.map((each) => each.replace(/\d\d:\d\d/, '')).sort()).toEqual([
      'lead  resolved disk_space web1',
      'oncall  resolved disk_space web1',
      'team  resolved disk_space web1',
    ]);
  });

  it('nights with escalation: a warning of the night waits for the morning', async () => {
    const { pass, sent } = await run('Nights with escalation', '2030-12-03T22:00:00Z');
    await pass(7 * HOUR, disk('web1', '/', 88));
    expect(sent).toEqual(['team 04:00 firing disk_space web1']);
  });

  it('maintenance: nothing in its time, the rest after it, and ends always', async () => {
    const { pass, sent } = await run('Maintenance', '2030-12-03T01:30:00Z');
    const [web, db] = [disk('web1', '/', 96), disk('db1', '/', 96)];
    await pass(20 * MINUTE, web, db);
    expect(sent).toEqual(['team 01:32 firing disk_space web1', 'team 01:32 firing disk_space db1']);
    sent.length = 0;
    await pass(20 * MINUTE, disk('web1', '/', 10), db);
    await pass(120 * MINUTE, disk('web2', '/', 96), db);
    expect(sent).toEqual(['team 01:56 resolved disk_space web1', 'team 04:00 firing disk_space web2']);
    const later = await run('Maintenance', '2030-12-04T18:00:00Z');
    await later.pass(5 * HOUR, db);
    expect(later.sent).toEqual(['team 22:00 firing disk_space db1']);
  });

  it('heartbeat of a cron job: an old file is critical, and so is a missing one', async () => {
    const { pass, sent } = await run('Heartbeat of a cron job', '2030-12-03T12:00:00Z');
    const job = (hours: number): Sample => ({
      name: 'cron',
      tags: { host: 'web1', job: 'backup' },
      fields: { age_s: BigInt(hours * 3600) },
    });
    await pass(HOUR, job(25));
    expect(sent).toEqual([]);
    await pass(HOUR, job(27));
    await pass(HOUR, job(0));
    expect(sent.map((each) => each.slice(11))).toEqual([
      'firing cron_job_missed web1',
      'resolved cron_job_missed web1',
    ]);
    await pass(HOUR);
    expect(sent.at(-1)).toContain('firing cron_job_missed web1');
  });

  it('heartbeat of a cron job: its command prints the age of the file', async () => {
    const { inputs } = await load(recipe('Heartbeat of a cron job'));
    const { commands } = inputs[0]?.options as { commands: string[][] };
    const [program = '', ...args] = commands[0] ?? [];
    const done = join(folder, 'backup/done');
    mkdirSync(join(folder, 'backup'));
    writeFileSync(done, '');
    utimesSync(done, Date.now() / 1000 - 7200, Date.now() / 1000 - 7200);
    const output = execFileSync(
      program,
      args.map((text) => text.replace('/var/lib/backup/done', done)),
      { encoding: 'utf8' },
    );
    const { metrics, errors } = parseLines(output);
    expect(errors).toEqual([]);
    expect(metrics[0]).toMatchObject({ name: 'cron', tags: { job: 'backup' } });
    expect(Math.abs(Number(metrics[0]?.fields['age_s']) - 7200)).toBeLessThan(60);
  });
});
