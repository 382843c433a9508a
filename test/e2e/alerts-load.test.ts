/**
 * Load of real processes fires the stock rules, and everybody is told: a mail server with TLS and a login, fakes that refuse
 * what Slack and Teams refuse, a webhook, and a real Alertmanager. Only times and limits of the rules are changed, to what
 * a test can wait for and a machine can bear.
 */
import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect } from '@jest/globals';
import { PNG } from 'pngjs';

import type { Notification } from '../../src/core/notification.ts';
import { fakeService, type FakeService } from '../contract/notifier-contract.ts';
import { ALERTMANAGER, startAlertmanager, type Alertmanager } from '../support/alertmanager.ts';
import { startCli, type RunningCli } from '../support/cli.ts';
import { dockerTest, IMAGE, startDocker } from '../support/docker.ts';
import { availableMemory, busyLoops, memoryHog } from '../support/load.ts';
import { testWith, waitFor } from '../support/real-server.ts';
import { breakableDisk, breakableDiskTest } from '../support/small-disk.ts';
import { LOGIN, startMailServer, type MailServer } from '../support/smtp.ts';
import { strictSlack, strictTeams } from '../support/strict-services.ts';

const TIMEOUT = 90_000;

class Scene {
  readonly folder = mkdtempSync(join(tmpdir(), 'healthd-load-'));
  readonly slack: FakeService;
  readonly teams: FakeService;
  readonly hook: FakeService;
  readonly mail: MailServer;
  readonly alertmanager: Alertmanager | undefined;
  #agent: RunningCli | undefined;

  static async open(withAlertmanager: boolean): Promise<Scene> {
    const [slack, teams, hook, heard] = await Promise.all([
      fakeService(strictSlack),
      fakeService(strictTeams),
      fakeService({ status: 200, body: '' }),
      fakeService({ status: 200, body: '' }),
    ]);
    const mail = await startMailServer();
    const alertmanager = withAlertmanager ? await startAlertmanager(heard.url) : undefined;
    return new Scene({ slack, teams, hook, heard, mail, alertmanager });
  }

  /** What a real Alertmanager has told others. */
  readonly heard: FakeService;

  private constructor(parts: {
    readonly slack: FakeService;
    readonly teams: FakeService;
    readonly hook: FakeService;
    readonly heard: FakeService;
    readonly mail: MailServer;
    readonly alertmanager: Alertmanager | undefined;
  }) {
    this.slack = parts.slack;
    this.teams = parts.teams;
    this.hook = parts.hook;
    this.heard = parts.heard;
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
          rules: [{ ...rule, repeat: { info: '1d', warning: '1d', critical: '1d' } }],
          // Whatever else this machine suffers from is not what is tested.
          route: {
            notify: [],
            routes: [
              { match: { rule: rule['override'] }, notify: this.#receivers(), group_wait: '0s', group_interval: '1s' },
            ],
          },
        },
      }),
    );
    this.#agent = startCli(['run', '--config', config]);
    await this.#agent.until('Started');
    await new Promise((resolve) => setTimeout(resolve, 3000));
  }

  /** @returns how often each receiver was told */
  counts(): readonly number[] {
    const heard = this.alertmanager === undefined ? [] : [this.heard.taken.length];
    return [this.slack.taken.length, this.teams.taken.length, this.hook.taken.length, this.mail.mails.length, ...heard];
  }

  async told(times: number, what: string): Promise<void> {
    const isSo = () => Promise.resolve(Math.min(...this.counts()) >= times);
    await waitFor(isSo, { timeout: 30_000, what }).catch((error: unknown) => {
      throw new Error(`${String(error)}\ntold: ${this.counts().join(' ')}\n${this.#agent?.stderr() ?? ''}`);
    });
  }

  /** Each receiver has heard of one beginning and one end, and nothing of it was refused. */
  async expectOneEpisode(): Promise<void> {
    await this.told(2, 'the end');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(this.counts().every((count) => count === 2)).toBe(true);
    expect(this.notifications().map(({ status }) => status)).toEqual(['firing', 'resolved']);
    expect([...this.slack.answers, ...this.teams.answers]).toEqual([200, 200, 202, 202]);
    expect(await this.alertmanager?.firing()).toEqual(this.alertmanager === undefined ? undefined : []);
    const statuses = this.heard.taken.map(({ body }) => (JSON.parse(body) as { status: string }).status);
    expect(statuses).toEqual(this.alertmanager === undefined ? [] : ['firing', 'resolved']);
  }

  notifications(): readonly Notification[] {
    return this.hook.taken.map(({ body }) => JSON.parse(body) as Notification);
  }

  async close(): Promise<void> {
    await this.#agent?.end('SIGKILL');
    const { slack, teams, hook, heard, mail, alertmanager } = this;
    await Promise.all([slack, teams, hook, heard, mail].map((each) => each.close()));
    await alertmanager?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #receivers(): readonly string[] {
    return ['slack', 'teams', 'raw', 'mail', ...(this.alertmanager === undefined ? [] : ['central'])];
  }
}

let scene: Scene;

describe('load of a real process', () => {
  const withAlertmanager = testWith(ALERTMANAGER);

  beforeEach(async () => {
    scene = await Scene.open(true);
  });

  afterEach(async () => {
    await scene.close();
  });

  withAlertmanager(
    'that keeps all processors busy fires cpu_high, and everybody hears of it, with chart and culprit',
    async () => {
      await scene.watch(['cpu', 'mem', 'disk'], {
        override: 'cpu_high',
        window: { of: '2s', fn: 'mean' },
        above: { warning: { at: 97, clear: 95 } },
        for: '1s',
        keep_firing_for: '1s',
      });
      const load = busyLoops(scene.folder, 'hd-busy-loop');
      await scene.told(1, 'the beginning').finally(() => load.stop());
      expect(await scene.alertmanager?.firing()).toMatchObject([
        { labels: { alertname: 'cpu_high', severity: 'warning', instance: 'web1' } },
      ]);
      await scene.expectOneEpisode();

      const [mail] = scene.mail.mails;
      expect(scene.mail.logins).toContain(LOGIN.user);
      expect(mail?.text).toMatch(/^Alert: High CPU usage on web1: \d+(\.\d)? %\nServer: web1\nCPU Usage: \d+/);
      expect(mail?.text).toMatch(/Memory Usage: \d+(\.\d+)? %/);
      expect(mail?.text).toMatch(/Disk Usage: \d+(\.\d+)? %/);
      expect(mail?.text).toContain('hd-busy-loop');
      expect(mail?.html).toContain('hd-busy-loop');
      const chart = mail?.attachments.find(({ contentType }) => contentType === 'image/png');
      expect(PNG.sync.read(chart?.content ?? Buffer.alloc(0))).toMatchObject({ width: expect.any(Number) });
      expect(scene.slack.taken[0]?.body).toContain('hd-busy-loop');
      expect(scene.teams.taken[0]?.body).toContain('hd-busy-loop');
      expect(scene.notifications()[0]?.alerts[0]).toMatchObject({ rule: 'cpu_high', unit: 'percent', host: 'web1' });
    },
    TIMEOUT,
  );

  withAlertmanager(
    'that takes memory fires mem_low, and is named',
    async () => {
      const { percent, bytes } = availableMemory();
      await scene.watch(['cpu', 'mem', 'disk'], {
        override: 'mem_low',
        below: { warning: { at: percent * 0.88, clear: percent * 0.92 } },
        for: '1s',
        keep_firing_for: '1s',
      });
      const load = memoryHog(scene.folder, 'hd-memory-hog', bytes * 0.16);
      await scene.told(1, 'the beginning').finally(() => load.stop());
      await scene.expectOneEpisode();
      expect(scene.notifications()[0]?.alerts[0]).toMatchObject({ rule: 'mem_low', direction: 'below' });
      const [mail] = scene.mail.mails;
      expect(mail?.text).toMatch(/Top processes by memory:\n\s+hd-memory-hog/);
    },
    TIMEOUT,
  );
});

describe('what runs full', () => {
  beforeEach(async () => {
    scene = await Scene.open(false);
  });

  afterEach(async () => {
    await scene.close();
  });

  breakableDiskTest('is a disk: it fires disk_space, and ends when there is room again', async () => {
    const disk = breakableDisk(24);
    try {
      await scene.watch(['cpu', 'mem', { disk: { mount_points: [disk.path] } }], {
        override: 'disk_space',
        for: '1s',
        keep_firing_for: '1s',
      });
      const file = join(disk.path, 'logs');
      writeFileSync(file, Buffer.alloc(19 * 1024 * 1024));
      await scene.told(1, 'the beginning');
      unlinkSync(file);
      await scene.expectOneEpisode();
      const [first] = scene.notifications();
      expect(first?.alerts[0]).toMatchObject({ rule: 'disk_space', tags: { host: 'web1', path: disk.path } });
      expect(scene.mail.mails[0]?.text).toContain(`Disk ${disk.path} of web1 is`);
    } finally {
      await scene.close();
      disk.remove();
    }
  });

  dockerTest(
    'is no container that was killed: that fires docker_down, and ends when it runs again',
    async () => {
      const server = await startDocker();
      try {
        await server.docker('run', '--detach', '--name', 'shop', IMAGE, 'sleep', '600');
        await scene.watch(['cpu', 'mem', { docker: { endpoint: server.endpoint } }], { override: 'docker_down' });
        await server.docker('kill', 'shop');
        await scene.told(1, 'the beginning');
        await server.docker('start', 'shop');
        await scene.expectOneEpisode();
        const [first] = scene.notifications();
        expect(first?.alerts[0]).toMatchObject({
          rule: 'docker_down',
          summary: 'Container shop on web1 has failed',
          tags: { host: 'web1', container_name: 'shop' },
        });
      } finally {
        await scene.close();
        await server.stop();
      }
    },
    TIMEOUT,
  );
});
