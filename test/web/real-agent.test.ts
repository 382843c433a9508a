/** The page of the built agent, with values of this machine, in a real browser. */
import { spawn, type ChildProcess } from 'node:child_process';
import { copyFileSync, readFileSync, realpathSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';

import type { AlertsAnswer } from '../../src/api/alerts.ts';
import type { QueryAnswer } from '../../src/api/series.ts';
import { certificateFiles, selfSigned } from '../support/kit/certificate.ts';
import { startRealAgent, type RealAgent } from '../support/kit/real-agent.ts';

import { parseTime, timeText } from '../../web/url/time.ts';

import { seriousFindings } from './axe.ts';
import { boxOf, describeWithChromium, DESK, layoutFaults, PHONE, untilLive, type PageOptions } from './browser.ts';

const HOST = 'shop-1';
/** Of a test: several waits of a busy machine. */
const LIMIT = 180_000;
const DAY_MS = 86_400_000;
/** The page asks the history for points five seconds apart, and never for those of a bucket that is not over. */
const NEAR_MS = 7000;
/** A busy machine answers the history late. By itself the page asks it again after a minute only. */
const FILL_MS = 30_000;
/** Beyond that minute. */
const LATE_MS = 100_000;
/** Short enough for the kernel, and of no other process. */
const BUSY = 'busy-backup';

const YAML = `
agent: { interval: 1s, hostname: ${HOST} }
inputs:
  - cpu
  - mem
  - system
  - disk
  - net
  - { exec: { commands: [[cat, shop.lp]], timeout: 5s } }
outputs: [discard]
alerts:
  rules:
    - { id: shop_queue, metric: shop.queue, above: { critical: 100 }, summary: '{{ value }} orders wait in the shop' }
`;

const VIEWS = [
  { path: '/', there: '.prob, .mt .v' },
  { path: `/h/${HOST}/time`, there: '.strip-chart:nth-of-type(2)' },
  { path: `/h/${HOST}/processes`, there: '.procs-all tbody tr:nth-child(5)' },
  { path: `/h/${HOST}/containers`, there: 'main' },
  { path: '/alerts', there: '.lst .arow' },
  { path: `/h/${HOST}/explore?q=cpu&s=system.load1`, there: '.fields > li:nth-child(3)' },
  { path: `/h/${HOST}/agent`, there: '.log li' },
  { path: '/inventory', there: '.inv' },
];

const CPU = 'cpu.usage_idle{cpu=cpu-total}';
const PASSWORD = 'correct horse battery';

const shop = (queue: number) => `shop,lane=eu queue=${queue},till=${queue % 7}\n`;

describeWithChromium('The page of a real agent', (open) => {
  let agent: RealAgent;
  let busy: ChildProcess;
  const was = { busyAt: 0, idleAt: 0, steppedAt: 0 };
  let cookie: Awaited<ReturnType<RealAgent['signIn']>>;

  beforeAll(async () => {
    agent = await startRealAgent(YAML, { 'shop.lp': shop(5) });
    cookie = await agent.signIn();
    busy = startBusy(agent.folder);
    was.busyAt = Date.now();
  }, LIMIT);

  afterAll(async () => {
    busy.kill('SIGKILL');
    await agent.close();
  });

  /** A page of the reader who has a session. */
  const visit = (path: string, options: PageOptions = {}) =>
    open(agent.origin + path, {
      ...options,
      prepare: (page) => page.context().addCookies([{ ...cookie, url: agent.origin }]),
    });

  const query = async (series: string, from: number, to: number) => {
    const search = new URLSearchParams({ s: series, from: String(from), to: String(to), width: '5000', fn: 'last' });
    const answer = (await (await fetch(`${agent.origin}/api/v1/query?${search}`)).json()) as QueryAnswer;
    return (answer.series[0]?.values.last ?? []).flatMap((value, index) =>
      value === null ? [] : [{ at: answer.from + index * answer.step, value }],
    );
  };

  test(
    'the printed address opens a session; values change each second and are those of the API and of /proc',
    async () => {
      const { page, complaints } = await open(await agent.newAddress());
      await untilLive(page);
      expect(page.url()).toBe(`${agent.origin}/`);
      await page.waitForFunction((name) => document.querySelector('.busy tbody')?.textContent.includes(name), BUSY);
      const [from, before] = [Date.now(), cpuTimes()];
      const shown: number[] = [];
      const texts = new Set<string>();
      while (Date.now() - from < 6000) {
        shown.push(parseFloat(await valueOf(page, 'CPU')));
        texts.add((await page.locator('.chart .val, .chart .leg').allInnerTexts()).join());
        await sleep(250);
      }
      const [to, after] = [Date.now(), cpuTimes()];
      const ofProc = 100 * (1 - (after.idle - before.idle) / (after.all - before.all));
      const ofApi = 100 - mean((await query(CPU, from, to)).map(({ value }) => value));
      expect(texts.size).toBeGreaterThan(3);
      // Points of a percentage: samples of a second begin and end at other times.
      expect(Math.abs(mean(shown) - ofApi)).toBeLessThan(12);
      expect(Math.abs(mean(shown) - ofProc)).toBeLessThan(15);
      const memory = parseFloat(await valueOf(page, 'Memory'));
      // GiB: other programs start and end meanwhile.
      expect(Math.abs(memory - usedGib())).toBeLessThan(0.5);
      expect(Math.abs(memory - (await query('mem.used', to - 5000, to)).at(-1)!.value / 2 ** 30)).toBeLessThan(0.5);
      expect(await drawnCharts(page)).toEqual(expect.arrayContaining(['CPU', 'Memory', 'Network']));
      expect(complaints).toEqual([]);
    },
    LIMIT,
  );

  test(
    'without a session nothing complains, and what is private says so',
    async () => {
      const { page, complaints } = await open(`${agent.origin}/alerts`);
      await page.getByText('What ended needs you to sign in.').waitFor();
      await page.goto(`${agent.origin}/h/${HOST}/agent`);
      await page.getByText('The log needs you to sign in.').waitFor();
      await page.getByText('The configuration needs you to sign in.').waitFor();
      expect(complaints).toEqual([]);
    },
    LIMIT,
  );

  test(
    'Explore finds a metric of its own by typing, and draws it',
    async () => {
      const { page } = await visit(`/h/${HOST}/explore`);
      await page.getByLabel('Measurement, field, tag').fill('queue eu');
      await page.getByRole('button', { name: /shop\.queue/ }).click();
      await page.waitForFunction(() => location.search.includes('s=shop.queue'));
      await page.waitForFunction(() => document.querySelector('.chosen .val')?.textContent === '5');
      busy.kill('SIGKILL');
      was.idleAt = Date.now();
    },
    LIMIT,
  );

  test(
    'an alert that a changed metric fires appears without reload; the page silences and acknowledges it',
    async () => {
      const { page, complaints } = await visit('/');
      await untilLive(page);
      await page.evaluate(() => Object.assign(window, { isSame: true }));
      agent.write('shop.lp', shop(500));
      was.steppedAt = Date.now();
      const problem = page.locator('.prob', { hasText: '500 orders wait in the shop' });
      await problem.waitFor();
      await problem.getByRole('button', { name: 'Acknowledge' }).click();
      await problem.getByText('by page', { exact: true }).waitFor();
      expect(await page.evaluate(() => 'isSame' in window)).toBe(true);

      const phone = await visit('/alerts', { viewport: PHONE });
      await phone.page.locator('.arow', { hasText: '500 orders wait' }).tap();
      await phone.page.getByRole('link', { name: 'Silence' }).tap();
      const form = phone.page.getByRole('dialog', { name: 'Silence for how long?' });
      await form.getByRole('button', { name: '4 h' }).tap();
      await form.getByRole('button', { name: 'Silence for 4' }).tap();
      await phone.page.waitForFunction(() => document.querySelector('dialog') === null);
      const { stdout } = await agent.run('alerts', '--json');
      const alerts = JSON.parse(stdout) as AlertsAnswer['alerts'];
      // A busy machine may have alerts of its own.
      expect(alerts.find(({ alert }) => alert.rule === 'shop_queue')).toMatchObject({
        state: 'firing',
        alert: { silenced: true, ack: { by: 'page' } },
      });
      expect([...complaints, ...phone.complaints]).toEqual([]);
    },
    LIMIT,
  );

  test(
    'a busy process is found at a moment when it ran, and not later',
    async () => {
      // Processes are captured every ten seconds, on a busy machine later.
      await sleep(Math.max(0, was.idleAt + 21_000 - Date.now()));
      const time = (at: number) => visit(`${timePath(was.busyAt - 30_000, Date.now())}&at=${timeText(at)}`);
      const { page } = await time(was.idleAt - 500);
      await page.waitForFunction(
        (name) => document.querySelector('.moment-card tbody')?.textContent.includes(name),
        BUSY,
      );
      const later = await time(was.idleAt + 20_500);
      await later.page.waitForFunction(() => document.querySelectorAll('.moment-card tbody td').length > 8);
      expect(await later.page.locator('.moment-card tbody').innerText()).not.toContain(BUSY);
      const list = await visit(`/h/${HOST}/processes?at=${timeText(was.idleAt - 500)}&q=${BUSY}`);
      await list.page.locator('.procs-all tbody tr', { hasText: BUSY }).waitFor();
    },
    LIMIT,
  );

  test(
    'a drag selects the step, What changed? ranks it first, z zooms in, and the address holds it all',
    async () => {
      await sleep(Math.max(0, was.steppedAt + 16_000 - Date.now()));
      const to = was.steppedAt + 15_000;
      const from = to - 60_000;
      const { page, complaints } = await visit(timePath(from, to));
      const plot = page.locator('.strip-chart .u-over').first();
      await plot.waitFor();
      // The limits of the rules are there: charts are made again with them.
      await sleep(1500);
      const box = await boxOf(plot);
      const xOf = (at: number) => box.x + (box.width * (at - from)) / (to - from);
      await page.mouse.move(xOf(was.steppedAt + 500), box.y + 20);
      await page.mouse.down();
      await page.mouse.move(xOf(was.steppedAt + 8000), box.y + 20, { steps: 4 });
      await page.mouse.move(xOf(was.steppedAt + 14_000), box.y + 20, { steps: 4 });
      await page.mouse.up();
      await page.waitForFunction(() => location.search.includes('sel='));
      await page.getByRole('button', { name: 'What changed?' }).click();
      const first = page.locator('.wc li').first();
      await first.waitFor();
      expect(await first.locator('[title]').getAttribute('title')).toBe('shop.queue{lane=eu}');
      expect(await first.innerText()).toMatch(/5 → 500[^]*×100/);
      await first.locator('a').click();
      await page.locator('.strip-chart h2', { hasText: 'Queue' }).waitFor();

      const link = page.url();
      await page.keyboard.press('z');
      await page.waitForFunction(() => !location.search.includes('sel='));
      const zoomed = parseTime(new URL(page.url()).searchParams.get('from'))!;
      expect(Math.abs(zoomed - (was.steppedAt + 500))).toBeLessThan(1500);
      await plot.dblclick({ position: { x: 100, y: 20 } });
      await page.waitForFunction((text) => location.search.includes(text), `from=${timeText(from)}`);
      await page.getByRole('button', { name: '1 h', exact: true }).click();
      await page.waitForFunction(() => location.search.includes('t=1h'));

      const other = await visit(link.slice(agent.origin.length));
      await other.page.locator('.wc li').first().waitFor();
      expect(await other.page.locator('.wc li').first().innerText()).toMatch(/5 → 500/);
      await other.page.locator('.strip-chart h2', { hasText: 'Queue' }).waitFor();
      expect([...complaints, ...other.complaints]).toEqual([]);
    },
    LIMIT,
  );

  test(
    'keys alone: from view to view, along a chart, to a series, and back',
    async () => {
      const { page } = await visit('/');
      await untilLive(page);
      const { keyboard } = page;
      await keyboard.press('j');
      await keyboard.press('Enter');
      await page.waitForFunction(() => location.pathname.startsWith('/alerts/'));
      await page.getByText('500 orders wait in the shop').first().waitFor();
      await keyboard.press('g');
      await keyboard.press('t');
      await page.waitForSelector('.strip-chart');
      await tabTo(page, '.strip-chart');
      await keyboard.press('ArrowLeft');
      await keyboard.press('Shift+ArrowLeft');
      await keyboard.press('Enter');
      await page.waitForFunction(() => location.search.includes('at='));
      await keyboard.press('Escape');
      await page.waitForFunction(() => !location.search.includes('at='));
      await keyboard.press('/');
      await page.waitForSelector('dialog[open]');
      await keyboard.type('shop queue');
      await page.locator('dialog .menu', { hasText: 'shop.queue{lane=eu}' }).waitFor();
      await tabTo(page, 'dialog .menu a');
      await keyboard.press('Enter');
      await page.waitForFunction(() => document.querySelector('.chosen .val')?.textContent === '500', undefined, {
        timeout: LATE_MS,
      });
    },
    LIMIT,
  );

  test.each([
    { width: 360, height: 740, colorScheme: 'light', hasAxe: false },
    { ...PHONE, colorScheme: 'dark', hasAxe: true },
    { ...DESK, colorScheme: 'dark', hasAxe: false },
    { ...DESK, colorScheme: 'light', hasAxe: true },
  ] as const)(
    'every view stands at $width px, $colorScheme; axe: $hasAxe',
    async ({ colorScheme, hasAxe, ...viewport }) => {
      const { page, complaints } = await visit('/', { viewport, colorScheme });
      await untilLive(page);
      for (const { path, there } of VIEWS) {
        await page.goto(agent.origin + path);
        await page.waitForSelector(there);
        await page.waitForTimeout(300);
        expect({ path, faults: await layoutFaults(page) }).toEqual({ path, faults: [] });
        if (hasAxe) expect({ path, findings: await seriousFindings(page) }).toEqual({ path, findings: [] });
      }
      expect(complaints).toEqual([]);
    },
    LIMIT,
  );

  test(
    'killed and started again under the open page: it says so, reconnects, and has all there was',
    async () => {
      const { page } = await visit('/');
      await page.waitForFunction((name) => document.querySelector('.head h1')?.textContent === name, HOST);
      await page.waitForSelector('.busy tbody tr:nth-child(3)');
      // Samples of the stream on both sides of what it misses.
      await page.locator('.chart').first().focus();
      await untilNewer(page, Date.now() + 3000);
      await agent.kill();
      const killedAt = Date.now();
      await page.getByText('does not answer since').waitFor();
      // So that samples are taken before the page is back: more than a page that asked for none of them could have.
      await page.context().setOffline(true);
      await agent.start();
      await sleep(3 * NEAR_MS);
      await page.context().setOffline(false);
      await page.waitForFunction(() => document.querySelector('.live > i') !== null);
      const backAt = Date.now();
      const samples = (await query(CPU, killedAt - 5000, backAt)).map(({ at }) => at);
      expect(samples.filter((at) => at > killedAt && at < backAt - NEAR_MS).length).toBeGreaterThan(5);
      const isNear = (all: readonly number[]) => (at: number) => all.some((each) => Math.abs(each - at) <= NEAR_MS);
      let times: readonly number[];
      const missed = () => samples.filter((at) => !isNear(times)(at));
      do times = await drawnTimes(page, killedAt - 5000, backAt);
      while (missed().length > 0 && Date.now() < backAt + FILL_MS);
      expect(missed()).toEqual([]);
      // Nothing is made up for the time without an agent, but for the point that breaks the line.
      const made = times.filter((at) => at > killedAt - 5000 && at < backAt && !isNear(samples)(at));
      expect(made.length).toBeLessThanOrEqual(1);
    },
    LIMIT,
  );

  test(
    'beyond loopback: TLS, nothing without the password, all with it',
    async () => {
      const address = Object.values(networkInterfaces())
        .flat()
        .find((each) => each?.internal === false && each.family === 'IPv4')?.address;
      const files = certificateFiles(await selfSigned());
      const { cert, key } = files;
      agent.configure(`{ listen: ':${agent.port}', password: '${PASSWORD}', certificate: ${cert}, key: ${key} }`);
      expect(await agent.run('reload')).toMatchObject({ code: 0, stderr: '' });
      const url = `https://${address ?? '127.0.0.1'}:${agent.port}`;
      const { page } = await open(url, { trustsAll: true });
      await page.waitForSelector('input[type=password]');
      expect(await page.locator('body').innerText()).not.toContain(HOST);
      expect((await page.request.get(`${url}/api/v1/hosts`)).status()).toBe(401);
      await page.fill('input[type=password]', 'wrong');
      await page.keyboard.press('Enter');
      await page.waitForFunction(() =>
        document.querySelector('[role=alert]')?.textContent.includes('password is wrong'),
      );
      await page.fill('input[type=password]', PASSWORD);
      await page.keyboard.press('Enter');
      await untilLive(page);
      expect((await page.request.get(`${url}/api/v1/log`)).status()).toBe(200);
      files.remove();
    },
    LIMIT,
  );
});

/** When the sample under the line was taken: the last moment at which clocks in Berlin showed the time in the title. */
async function hoveredAt(page: Page): Promise<number> {
  const title = await page.locator('.busy h2').innerText();
  const [, time] = /at (\d\d:\d\d:\d\d)$/.exec(title) ?? [];
  const now = Math.floor(Date.now() / 1000) * 1000;
  const shownNow = new Date(now).toLocaleTimeString('sv-SE', { timeZone: 'Europe/Berlin' });
  const since = Date.parse(`2000-01-01T${shownNow}Z`) - Date.parse(`2000-01-01T${time}Z`);
  return now - ((since + DAY_MS) % DAY_MS);
}

/** Of the points of the chart that has the focus, the newest down to the first that is not after `from`; ascending. */
async function drawnTimes(page: Page, from: number, newerThan: number): Promise<readonly number[]> {
  const times = [await untilNewer(page, newerThan)];
  while (times[0]! > from && times.length < 300) {
    await page.keyboard.press('ArrowLeft');
    times.unshift(await hoveredAt(page));
  }
  return times;
}

/** Moves the line of the chart that has the focus to the right until its sample is newer. @returns when it was taken */
async function untilNewer(page: Page, than: number): Promise<number> {
  const until = Date.now() + 30_000;
  while (Date.now() < until) {
    await page.keyboard.press('Shift+ArrowRight');
    const at = await hoveredAt(page);
    if (at > than) return at;
    await sleep(200);
  }
  throw new Error('No new sample comes');
}

/** Presses Tab until the focus is on such an element. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) === true, selector)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not lead to ${selector}`);
}

const timePath = (from: number, to: number) =>
  `/h/${HOST}/time?from=${timeText(Math.round(from))}&to=${timeText(Math.round(to))}`;

/** A process that takes all of a core, under a name of its own. */
function startBusy(folder: string): ChildProcess {
  const program = join(folder, BUSY);
  copyFileSync(realpathSync('/bin/sh'), program);
  return spawn(program, ['-c', 'while :; do :; done'], { stdio: 'ignore' });
}

function valueOf(page: Page, chart: string): Promise<string> {
  return page.locator(`.chart[aria-label="${chart}"] .val span`).first().innerText();
}

/** The titles of the charts whose canvas has the colour of the first series. */
function drawnCharts(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const hasAccent = (canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      for (let at = 0; at < data.length; at += 4)
        if (data[at] === 107 && data[at + 1] === 168 && data[at + 2] === 255) return true;
      return false;
    };
    return [...document.querySelectorAll('.chart')]
      .filter((chart) => [...chart.querySelectorAll('canvas')].some(hasAccent))
      .map((chart) => chart.getAttribute('aria-label') ?? '');
  });
}

/** Ticks of all processors since boot. */
function cpuTimes() {
  const [, line = ''] = /^cpu +(.*)$/m.exec(readFileSync('/proc/stat', 'utf8')) ?? [];
  const ticks = line.split(' ').slice(0, 8).map(Number);
  return { idle: ticks[3]!, all: ticks.reduce((sum, each) => sum + each, 0) };
}

function usedGib(): number {
  const text = readFileSync('/proc/meminfo', 'utf8');
  const kib = (name: string) => Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(text)?.[1]);
  return (kib('MemTotal') - kib('MemAvailable')) / 2 ** 20;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
