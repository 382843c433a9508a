/**
 * Load from real processes fires the stock rules, and every receiver is notified: a mail server with TLS and a login, strict
 * fakes of Slack and Teams, a webhook, and a real Alertmanager. The rules are stock but for times and limits, which suit a test
 * and its machine.
 */
import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect } from '@jest/globals';
import type { ParsedMail } from 'mailparser';
import { PNG } from 'pngjs';

import type { Notification } from '../../src/plugin/notification.ts';
import { fakeService, type FakeService } from '../contract/notifier-contract.ts';
import { ALERTMANAGER, startAlertmanager, type Alertmanager } from '../support/servers/alertmanager.ts';
import { startCli, type RunningCli } from '../support/kit/cli.ts';
import { dockerTest, IMAGE, startDocker } from '../support/servers/docker.ts';
import { availableAfter, busyLoops, memoryHog } from '../support/kit/load.ts';
import { findBinary, testWith, waitFor } from '../support/servers/real-server.ts';
import { breakableDisk, breakableDiskTest } from '../support/servers/small-disk.ts';
import { LOGIN, startMailServer, type MailServer } from '../support/fakes/smtp.ts';
import { strictSlack, strictTeams } from '../support/fakes/notifier-services.ts';

const TIMEOUT = 150_000;
const MIB = 1024 * 1024;

class Scene {
  readonly folder = mkdtempSync(join(tmpdir(), 'healthd-load-'));
  readonly slack: FakeService;
  readonly teams: FakeService;
  readonly hook: FakeService;
  readonly mail: MailServer;
  readonly alertmanager: Alertmanager | undefined;
  readonly #removals: (() => void | Promise<void>)[] = [];
  #agent: RunningCli | undefined;

  /** Without Alertmanager where it is not installed. */
  static async open(): Promise<Scene> {
    const [slack, teams, hook, relayed] = await Promise.all([
      fakeService(strictSlack),
      fakeService(strictTeams),
      fakeService({ status: 200, body: '' }),
      fakeService({ status: 200, body: '' }),
    ]);
    const mail = await startMailServer();
    const isInstalled = findBinary(ALERTMANAGER.binary) !== undefined;
    const alertmanager = isInstalled ? await startAlertmanager(relayed.url) : undefined;
    return new Scene({ slack, teams, hook, relayed, mail, alertmanager });
  }

  /** Notifications from the real Alertmanager. */
  readonly relayed: FakeService;

  private constructor(parts: {
    readonly slack: FakeService;
    readonly teams: FakeService;
    readonly hook: FakeService;
    readonly relayed: FakeService;
    readonly mail: MailServer;
    readonly alertmanager: Alertmanager | undefined;
  }) {
    this.slack = parts.slack;
    this.teams = parts.teams;
    this.hook = parts.hook;
    this.relayed = parts.relayed;
    this.mail = parts.mail;
    this.alertmanager = parts.alertmanager;
  }

  async watch(inputs: readonly unknown[], rule: Readonly<Record<string, unknown>>): Promise<void> {
    const ca = join(this.folder, 'ca.pem');
    writeFileSync(ca, this.mail.certificate);
    const email = {
      smtp: `smtp://localhost:${this.mail.port}`,
      ...LOGIN,
      from: 'healthd@example.org',
      to: ['ops@example.org'],
      starttls: 'required',
      tls: { ca },
      subject: 'stable',
    };
    const config = join(this.folder, 'healthd.json');
    writeFileSync(
      config,
      JSON.stringify({
        agent: { interval: '500ms', hostname: 'web1', state_dir: join(this.folder, 'state') },
        inputs,
        outputs: ['discard'],
        notifiers: {
          slack: { slack: { url: this.slack.url } },
          teams: { teams: { url: this.teams.url } },
          raw: { webhook: { url: this.hook.url, format: 'healthd' } },
          mail: { email },
          ...(this.alertmanager === undefined ? {} : { central: { alertmanager: { url: this.alertmanager.url } } }),
        },
        alerts: {
          rules: [rule],
          // Other alerts of this machine are not part of the test.
          route: {
            notify: [],
            group_by: ['...'],
            group_wait: '0s',
            group_interval: '1s',
            repeat: 'never',
            routes: [{ match: { rule: rule['override'] }, notify: this.#receivers() }],
          },
        },
      }),
    );
    this.#agent = startCli(['run', '--config', config]);
    await this.#agent.until('Started');
    // First the windows of two seconds fill, and the container is seen running.
    await sleep(3000);
  }

  /** Runs after the agent has exited. */
  onClose(removal: () => void | Promise<void>): void {
    this.#removals.push(removal);
  }

  /** Number of notifications of each receiver. */
  counts(): readonly number[] {
    const relayed = this.alertmanager === undefined ? [] : [this.relayed.taken.length];
    return [
      this.slack.taken.length,
      this.teams.taken.length,
      this.hook.taken.length,
      this.mail.mails.length,
      ...relayed,
    ];
  }

  /** Every receiver is notified, and Alertmanager holds the alert of this rule and no other. */
  async expectFiring(rule: string): Promise<void> {
    await this.#notified(1, 'the firing notification');
    const held = await this.alertmanager?.firing();
    expect(held?.map(({ labels }) => labels['alertname'])).toEqual(this.alertmanager && [rule]);
  }

  async #notified(times: number, what: string): Promise<void> {
    const isNotified = () => Promise.resolve(Math.min(...this.counts()) >= times);
    await waitFor(isNotified, { timeout: 60_000, what }).catch((error: unknown) => {
      throw new Error(`${String(error)}\nnotified: ${this.counts().join(' ')}\n${this.#agent?.stderr() ?? ''}`);
    });
  }

  /**
   * Each receiver got one firing and one resolved notification, and refused none.
   *
   * @param mayFireAgain other tests may be the cause of another episode, which is notified as such
   */
  async expectOneEpisode(rule: string, mayFireAgain = false): Promise<void> {
    await this.#notified(2, 'the resolved notification');
    // A duplicate would arrive now.
    await sleep(2000);
    const alerts = this.notifications().map(({ status, alerts }) => [status, alerts.map((alert) => alert.rule)]);
    const expected = alerts.map((_, index) => [index % 2 === 0 ? 'firing' : 'resolved', [rule]]);
    expect(alerts).toEqual(mayFireAgain ? expected : expected.slice(0, 2));
    expect(this.slack.answers.every((status) => status === 200)).toBe(true);
    expect(this.teams.answers.every((status) => status === 202)).toBe(true);
    if (mayFireAgain) return;
    expect(this.counts()).toEqual(this.counts().map(() => 2));
    if (this.alertmanager === undefined) return;
    expect(await this.alertmanager.firing()).toEqual([]);
    const statuses = this.relayed.taken.map(({ body }) => (JSON.parse(body) as { status: string }).status);
    expect(statuses).toEqual(['firing', 'resolved']);
  }

  notifications(): readonly Notification[] {
    return this.hook.taken.map(({ body }) => JSON.parse(body) as Notification);
  }

  async close(): Promise<void> {
    await this.#agent?.end('SIGKILL');
    const { slack, teams, hook, relayed, mail, alertmanager } = this;
    await Promise.all([slack, teams, hook, relayed, mail].map((each) => each.close()));
    await alertmanager?.stop();
    for (const remove of this.#removals) await remove();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #receivers(): readonly string[] {
    return ['slack', 'teams', 'raw', 'mail', ...(this.alertmanager === undefined ? [] : ['central'])];
  }
}

let scene: Scene;

beforeEach(async () => {
  scene = await Scene.open();
});

afterEach(async () => {
  await scene.close();
});

describe('load of a real process', () => {
  const withAlertmanager = testWith(ALERTMANAGER);

  withAlertmanager(
    'that keeps all processors busy fires cpu_high: every receiver is notified, with chart and culprit',
    async () => {
      // Before the agent: other tests may keep the processors busy, and the alert would fire without it.
      const load = busyLoops(scene.folder, 'hd-busy-loop');
      try {
        await scene.watch(['cpu', 'mem', 'disk'], {
          override: 'cpu_high',
          window: { of: '2s', fn: 'mean' },
          // Other tests leave a hundredth of the processors idle now and then, but hardly more.
          above: { warning: { at: 99, clear: 98.5 }, critical: null },
          for: '1s',
          keep_firing_for: '1s',
        });
        await scene.expectFiring('cpu_high');
      } finally {
        await load.stop();
      }
      await scene.expectOneEpisode('cpu_high', true);

      const [mail] = scene.mail.mails;
      expect(scene.mail.logins).toContain(LOGIN.user);
      expect(mail?.text).toMatch(/^Alert: High CPU usage on web1: \d+(\.\d)? %\nServer: web1\nCPU Usage: \d+/);
      expect(mail?.text).toMatch(/Memory Usage: \d+(\.\d+)? %/);
      expect(mail?.text).toMatch(/Disk Usage: \d+(\.\d+)? %/);
      expect(mail?.text).toContain('hd-busy-loop');
      expect(mail?.html).toContain('hd-busy-loop');
      expectInlineChart(mail);
      expect(scene.slack.taken[0]?.body).toContain('hd-busy-loop');
      expect(scene.teams.taken[0]?.body).toContain('hd-busy-loop');
      expect(scene.notifications()[0]?.alerts[0]).toMatchObject({ level: 'warning', unit: 'percent', host: 'web1' });
    },
    TIMEOUT,
  );

  withAlertmanager(
    'that takes memory fires mem_low, and its process is named',
    async () => {
      await scene.watch(['cpu', 'mem', 'disk'], {
        override: 'mem_low',
        // The agent itself takes some hundred MiB, and other tests take and leave some meanwhile.
        below: { warning: { at: availableAfter(900 * MIB), clear: availableAfter(700 * MIB) } },
        for: '1s',
        keep_firing_for: '1s',
      });
      expect(scene.counts()).toEqual(scene.counts().map(() => 0));
      const load = memoryHog(scene.folder, 'hd-memory-hog', 1300 * MIB);
      await scene.expectFiring('mem_low').finally(() => load.stop());
      await scene.expectOneEpisode('mem_low');
      expect(scene.notifications()[0]?.alerts[0]).toMatchObject({ level: 'warning', direction: 'below' });
      const [mail] = scene.mail.mails;
      expect(mail?.text).toMatch(/Top processes by memory:\n(?: {2}\S.*\n)*? {2}hd-memory-hog/);
      expectInlineChart(mail);
    },
    TIMEOUT,
  );
});

describe('a full disk', () => {
  breakableDiskTest('fires disk_space, which is resolved when there is room again', async () => {
    const disk = breakableDisk(24);
    scene.onClose(() => {
      disk.remove();
    });
    await scene.watch(['cpu', 'mem', { disk: { mount_points: [disk.path] } }], {
      override: 'disk_space',
      for: '1s',
      keep_firing_for: '1s',
    });
    const file = join(disk.path, 'logs');
    writeFileSync(file, Buffer.alloc(19 * MIB));
    await scene.expectFiring('disk_space');
    unlinkSync(file);
    await scene.expectOneEpisode('disk_space');
    expect(scene.notifications()[0]?.alerts[0]).toMatchObject({
      level: 'critical',
      summary: expect.stringContaining(`Disk ${disk.path} on web1 is`),
      tags: { host: 'web1' },
    });
    expect(scene.mail.mails[0]?.text).toContain(`Disk ${disk.path} on web1 is`);
  });
});

describe('a container', () => {
  dockerTest(
    'that fails fires docker_down, which is resolved when it runs again',
    async () => {
      const server = await startDocker();
      scene.onClose(() => server.stop());
      const untilTold = 'until rm /fail 2>/dev/null; do sleep 0.2; done; sleep 1; echo the till is stuck; exit 3';
      await server.docker('run', '--detach', '--name', 'shop', IMAGE, 'sh', '-c', untilTold);
      await scene.watch(['cpu', 'mem', { docker: { endpoint: server.endpoint } }], { override: 'docker_down' });
      await server.docker('exec', 'shop', 'touch', '/fail');
      await scene.expectFiring('docker_down');
      await server.docker('start', 'shop');
      await scene.expectOneEpisode('docker_down');
      expect(scene.notifications()[0]?.alerts[0]).toMatchObject({
        summary: 'Container shop on web1 has failed',
        tags: { host: 'web1', container_name: 'shop' },
      });
      const text = scene.mail.mails[0]?.text ?? '';
      expect(text).toMatch(/Exit code +3\n/);
      expect(text).toMatch(/Last lines of its log:\n.* the till is stuck\n/);
    },
    TIMEOUT,
  );
});

/** The picture can be decoded, has more than one colour, and is inline in the text. */
function expectInlineChart(mail: ParsedMail | undefined): void {
  const charts = mail?.attachments.filter(({ contentType }) => contentType === 'image/png') ?? [];
  expect(charts).toHaveLength(1);
  const [chart] = charts;
  expect(chart?.contentDisposition).toBe('inline');
  const { width, height, data } = PNG.sync.read(chart?.content ?? Buffer.alloc(0));
  expect(Math.min(width, height)).toBeGreaterThan(50);
  expect(new Set(new Uint32Array(data.buffer, data.byteOffset, width * height)).size).toBeGreaterThan(1);
  // The parser replaces references by the attachments.
  expect(mail?.html).toContain(chart?.content.toString('base64'));
}
