import { expect, test } from '@jest/globals';

import { storyFindings, storyProcesses, storySeries } from '../support/page/story.ts';

import { seriousFindings } from './axe.ts';
import { describeInBrowser, DESK, layoutFaults, PHONE, untilLive, type VisitOptions } from './browser.ts';

const SMALL = { width: 360, height: 740 };
const LIMIT = 120_000;

const LOOKS = [
  { name: 'desk, dark', viewport: DESK, colorScheme: 'dark' },
  { name: 'desk, light', viewport: DESK, colorScheme: 'light' },
  { name: 'phone, dark', viewport: PHONE, colorScheme: 'dark' },
  { name: 'phone, light', viewport: PHONE, colorScheme: 'light' },
] as const;

function fortyDisks() {
  const disk = storySeries().find(({ measurement }) => measurement === 'disk')!;
  return [
    ...storySeries().filter(({ measurement }) => measurement !== 'disk'),
    ...Array.from({ length: 40 }, (_, index) => ({
      ...disk,
      tags: { path: `/srv/ceph/osd-${index}`, device: `sd${index}` },
    })),
  ];
}

const ABSURD: readonly { readonly name: string; readonly options: VisitOptions }[] = [
  { name: 'forty disks', options: { series: fortyDisks() } },
  { name: 'a host name of 200 characters', options: { host: { name: 'x'.repeat(200) } } },
  { name: 'no data', options: { isYoung: true } },
  { name: 'a history that fails', options: { isHistoryBroken: true } },
  { name: 'nothing wrong', options: { findings: [] } },
  {
    name: 'twenty long problems',
    options: {
      findings: Array.from({ length: 20 }, (_, index) => ({
        ...storyFindings()[index % 5]!,
        id: `f${index}`,
        evidence: 'a-word-without-an-end-'.repeat(20),
      })),
    },
  },
];

describeInBrowser('Overview', (visit) => {
  test.each(LOOKS)(
    'stands without overlap, scrolling, complaint or serious finding of axe: $name',
    async ({ viewport, colorScheme }) => {
      const { page, complaints } = await visit({ viewport, colorScheme });
      await untilLive(page);
      await page.waitForTimeout(500);
      expect(await layoutFaults(page)).toEqual([]);
      expect(await seriousFindings(page)).toEqual([]);
      expect(complaints).toEqual([]);
    },
    LIMIT,
  );

  test.each(
    ABSURD.flatMap((state) => [SMALL, DESK].map((viewport) => ({ ...state, viewport, width: viewport.width }))),
  )(
    'stands with $name at $width px',
    async ({ options, viewport }) => {
      const { page } = await visit({ ...options, viewport });
      await page.waitForTimeout(1500);
      expect(await layoutFaults(page)).toEqual([]);
    },
    LIMIT,
  );

  test(
    'a problem that ended stays for a while, in grey and without acts',
    async () => {
      const { page, host } = await visit();
      await untilLive(page);
      const [first, ...others] = storyFindings();
      await page.locator(`.prob[data-id="${first!.id}"]`).waitFor();
      // Comes with what keeps problems that ended.
      await page.locator('.busy tbody tr').first().waitFor();
      host.setFindings(others);
      const row = page.locator('.prob.ended');
      await row.waitFor();
      expect(await row.count()).toBe(1);
      expect(await row.innerText()).toContain('ended');
      expect(await row.locator('a, button').count()).toBe(0);
      expect(await layoutFaults(page)).toEqual([]);
      host.setFindings([first!, ...others]);
      await row.waitFor({ state: 'detached' });
    },
    LIMIT,
  );

  test(
    'on a phone as well',
    async () => {
      const { page, host } = await visit({ viewport: PHONE });
      await untilLive(page);
      const [first, ...others] = storyFindings();
      await page.locator('.pp.c').first().waitFor();
      host.setFindings(others);
      const row = page.locator('.pp.ended');
      await row.waitFor();
      expect(await row.innerText()).toContain('ended');
      expect(await layoutFaults(page)).toEqual([]);
      host.setFindings([first!, ...others]);
      await row.waitFor({ state: 'detached' });
    },
    LIMIT,
  );

  test(
    'a live page has no long tasks again and again',
    async () => {
      const { page } = await visit();
      await untilLive(page);
      await page.waitForTimeout(3000);
      const long = await page.evaluate(async () => {
        const found: number[] = [];
        const observer = new PerformanceObserver((list) => {
          for (const { duration } of list.getEntries()) found.push(Math.round(duration));
        });
        observer.observe({ type: 'longtask' });
        await new Promise((resolve) => setTimeout(resolve, 12_000));
        observer.disconnect();
        return found;
      });
      // A busy machine interrupts a task or two; a page that is too slow has one with each of the twelve samples.
      expect(long.length).toBeLessThan(6);
    },
    LIMIT,
  );

  test(
    'a one-time address that is opened in a tab with the page opens its session',
    async () => {
      const { page, host } = await visit();
      await untilLive(page);
      const token = 'a'.repeat(43);
      await page.evaluate((hash) => {
        location.hash = hash;
      }, token);
      await page.waitForFunction(() => location.hash === '');
      await page.waitForTimeout(1000);
      expect(host.posted).toEqual([{ path: 'session', body: { token } }]);
    },
    LIMIT,
  );

  test(
    'values change each second, and nothing moves',
    async () => {
      const { page } = await visit({
        prepare: (fresh) =>
          fresh.addInitScript(() => {
            const shifts: number[] = [];
            Object.assign(window, { shifts });
            new PerformanceObserver((list) => {
              for (const entry of list.getEntries()) shifts.push((entry as PerformanceEntry & { value: number }).value);
            }).observe({ type: 'layout-shift', buffered: true });
          }),
      });
      await untilLive(page);
      const seen = new Set<string>();
      for (let round = 0; round < 8; round += 1) {
        seen.add(await page.locator('.chart .val').first().innerText());
        seen.add(await page.locator('.chart .leg').nth(2).innerText());
        await page.waitForTimeout(600);
      }
      expect(seen.size).toBeGreaterThan(3);
      const shifts = await page.evaluate(() => (window as unknown as { shifts: number[] }).shifts);
      expect(shifts.reduce((sum, value) => sum + value, 0)).toBeLessThan(0.001);
    },
    LIMIT,
  );

  test(
    'charts are drawn: their canvas has the colours of the series',
    async () => {
      const { page } = await visit();
      await untilLive(page);
      await page.waitForTimeout(1000);
      const drawn = await page.evaluate(() =>
        [...document.querySelectorAll('.chart canvas')].map((canvas) => {
          const { width, height } = canvas as HTMLCanvasElement;
          const { data } = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height);
          const colors = new Set<string>();
          for (let at = 0; at < data.length; at += 4) colors.add(`${data[at]},${data[at + 1]},${data[at + 2]}`);
          return colors.has('107,168,255');
        }),
      );
      expect(drawn).toEqual([true, true, true, true, true, true]);
    },
    LIMIT,
  );

  test(
    'hover shows who was busy at that moment, in all charts; a click pins it',
    async () => {
      const { page, host } = await visit();
      // All of them: one that is made later has no line until the pointer moves again.
      await page.waitForFunction(() => {
        const values = [...document.querySelectorAll('.chart .val')];
        return values.length === 6 && values.every(({ textContent }) => /\d/.test(textContent));
      });
      const plot = page.locator('.chart .u-over').first();
      await plot.hover({ position: { x: 40, y: 40 } });
      await page.waitForFunction(() =>
        /Who was busy at \d\d:\d\d:\d\d/.test(document.querySelector('.busy h2')!.textContent),
      );
      const lines = await page.evaluate(() =>
        [...document.querySelectorAll<HTMLElement>('.chart .u-cursor-x')].map((line) => line.style.transform),
      );
      expect(new Set(lines.map((line) => Math.round(Number(/\((\d+)/.exec(line)?.[1])))).size).toBe(1);
      const restic = storyProcesses(host.now()).find(({ name }) => name === 'restic')!;
      expect(await page.locator('.busy tbody tr').first().innerText()).toContain(restic.name);
      await plot.click({ position: { x: 40, y: 40 } });
      await page.waitForFunction(() => location.search.includes('at='));
      await page.keyboard.press('Escape');
      await page.waitForFunction(() => !location.search.includes('at='));
    },
    LIMIT,
  );

  test(
    'a new problem waits while the pointer is in the list, and appears without reload',
    async () => {
      const { page, host } = await visit({ findings: storyFindings().slice(1, 3) });
      await page.waitForSelector('.prob');
      await page.locator('.prob').first().hover();
      host.setFindings(storyFindings());
      await page.waitForSelector('.pill');
      expect(await page.locator('.prob').count()).toBe(2);
      await page.mouse.move(5, 5);
      await page.waitForFunction(() => document.querySelectorAll('.prob').length === 5);
    },
    LIMIT,
  );

  test(
    'keys alone: to a problem, acknowledge it, to Time, help and back',
    async () => {
      const { page, host } = await visit();
      await page.waitForSelector('.prob');
      await page.keyboard.press('j');
      await page.keyboard.press('a');
      await page.waitForSelector('.toast');
      expect(host.posted).toEqual([{ path: 'acks', body: { fingerprint: '41a7', by: 'page', comment: '' } }]);
      await page.waitForFunction(() => document.querySelector('.prob .by') !== null);
      await page.keyboard.press('?');
      await page.waitForSelector('dialog[open]');
      await page.keyboard.press('Escape');
      await page.waitForFunction(() => document.querySelector('dialog') === null);
      await page.keyboard.press('g');
      await page.keyboard.press('t');
      await page.waitForSelector('.strip-chart');
      expect(new URL(page.url()).pathname).toBe('/h/db-fra1-07/time');
    },
    LIMIT,
  );

  test(
    'says that the agent is away, reconnects, and fills what it missed',
    async () => {
      const { page, host } = await visit();
      await untilLive(page);
      host.setUp(false);
      await page.waitForSelector('.banner', { timeout: 15_000 });
      host.setUp(true);
      await page.waitForFunction(() => document.querySelector('.banner') === null);
      await page.waitForFunction(() => document.querySelector('.live > i') !== null);
    },
    LIMIT,
  );

  test(
    'asks for a password where nothing may be read without one',
    async () => {
      const { page } = await visit({ needsPassword: 'correct horse' });
      await page.fill('input[type=password]', 'wrong');
      await page.keyboard.press('Enter');
      await page.waitForFunction(() => document.querySelector('[role=alert]')!.textContent.includes('Wrong password'));
      await page.fill('input[type=password]', 'correct horse');
      await page.keyboard.press('Enter');
      await untilLive(page);
    },
    LIMIT,
  );

  test(
    'a one-time address opens a session and leaves the address bar',
    async () => {
      const token = 'A'.repeat(43);
      const { page, host } = await visit({ path: `/#${token}` });
      await untilLive(page);
      expect(new URL(page.url()).hash).toBe('');
      expect(host.posted).toEqual([{ path: 'session', body: { token } }]);
    },
    LIMIT,
  );
});
