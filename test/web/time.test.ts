import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';

import { seriousFindings } from './axe.ts';
import { boxOf, describeInBrowser, DESK, layoutFaults, PHONE } from './browser.ts';

const NIGHT = '/h/db-fra1-07/time?from=2026-11-29T01:24Z&to=2026-11-29T02:24Z';
const LIMIT = 120_000;

describeInBrowser('Time', (visit) => {
  test.each([
    { name: 'desk, dark', viewport: DESK, colorScheme: 'dark' },
    { name: 'desk, light', viewport: DESK, colorScheme: 'light' },
    { name: 'phone, dark', viewport: PHONE, colorScheme: 'dark' },
    { name: 'small phone', viewport: { width: 360, height: 740 }, colorScheme: 'light' },
  ] as const)(
    'stands: $name',
    async ({ viewport, colorScheme }) => {
      const { page, complaints } = await visit({ path: NIGHT, viewport, colorScheme });
      await page.waitForSelector('.strip-chart:nth-of-type(6)');
      await page.waitForTimeout(500);
      expect(await layoutFaults(page)).toEqual([]);
      expect(complaints).toEqual([]);
    },
    LIMIT,
  );

  test(
    'a drag selects, z zooms, a double click goes back, and the address holds each step',
    async () => {
      const { page } = await visit({ path: NIGHT });
      await page.waitForSelector('.strip-chart:nth-of-type(6)');
      const box = await boxOf(page.locator('.strip-chart .u-over').first());
      await page.mouse.move(box.x + box.width * 0.68, box.y + 20);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * 0.75, box.y + 20, { steps: 4 });
      await page.mouse.move(box.x + box.width * 0.85, box.y + 20, { steps: 4 });
      await page.mouse.up();
      await page.waitForFunction(() => location.search.includes('sel='));
      const marks = await page.locator('.plot-sel:visible').count();
      expect(marks).toBe(await page.locator('.strip-chart').count());
      await page.keyboard.press('z');
      await page.waitForFunction(() => !location.search.includes('sel='));
      const zoomed = new URL(page.url()).searchParams;
      expect(zoomed.get('from')).toMatch(/^2026-11-29T02:0[3-6]/);
      await page
        .locator('.strip-chart .u-over')
        .first()
        .dblclick({ position: { x: 100, y: 20 } });
      await page.waitForFunction(() => location.search.includes('from=2026-11-29T01:24Z'));
    },
    LIMIT,
  );

  test(
    'the wheel with Ctrl zooms about the pointer, without it the range stays; Esc goes back',
    async () => {
      const { page } = await visit({ path: NIGHT });
      await page.waitForSelector('.strip-chart:nth-of-type(6)');
      const box = await boxOf(page.locator('.strip-chart .u-over').first());
      await page.mouse.move(box.x + box.width * 0.75, box.y + 20);
      await untilComplete(page);
      await page.mouse.wheel(0, -300);
      await page.waitForTimeout(500);
      expect(rangeOf(page)).toEqual(rangeOf(page, NIGHT));
      await page.keyboard.down('Control');
      for (let turn = 0; turn < 3; turn += 1) await page.mouse.wheel(0, -150);
      await page.keyboard.up('Control');
      await page.waitForFunction(() => !location.search.includes('from=2026-11-29T01:24Z'));
      await page.waitForTimeout(1000);
      const { from, to } = rangeOf(page);
      const [hour, under] = [3_600_000, Date.parse('2026-11-29T02:09Z')];
      expect((to - from) / hour).toBeCloseTo(Math.exp(-450 / 500), 1);
      expect(Math.abs(from + 0.75 * (to - from) - under)).toBeLessThan(5000);
      await page.keyboard.press('Escape');
      await page.waitForFunction(() => location.search.includes('from=2026-11-29T01:24Z'));
    },
    LIMIT,
  );

  test(
    'two fingers pan, and zoom when they spread; one finger does neither',
    async () => {
      const { page } = await visit({ path: NIGHT, viewport: PHONE });
      await page.waitForSelector('.strip-chart:nth-of-type(6)');
      await untilComplete(page);
      const box = await boxOf(page.locator('.strip-chart .u-over').first());
      const session = await page.context().newCDPSession(page);
      const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...parts: readonly number[]) =>
        session.send('Input.dispatchTouchEvent', {
          type,
          touchPoints: parts.map((part, id) => ({ x: box.x + box.width * part, y: box.y + 30, id })),
        });
      const drag = async (from: readonly number[], to: readonly number[]) => {
        await touch('touchStart', ...from);
        for (const done of [0.3, 0.6, 1])
          await touch('touchMove', ...from.map((part, index) => part + done * (to[index]! - part)));
        await touch('touchEnd');
        await page.waitForTimeout(1000);
      };
      await drag([0.4], [0.6]);
      expect(rangeOf(page)).toEqual(rangeOf(page, NIGHT));
      await drag([0.3, 0.6], [0.5, 0.8]);
      const [night, panned] = [rangeOf(page, NIGHT), rangeOf(page)];
      const minute = 60_000;
      expect((panned.to - panned.from) / minute).toBeCloseTo(60, 0);
      expect((night.from - panned.from) / minute).toBeCloseTo(12, 0);
      await drag([0.4, 0.6], [0.3, 0.7]);
      const spread = rangeOf(page);
      expect((spread.to - spread.from) / minute).toBeCloseTo(30, 0);
      expect((spread.from + spread.to - panned.from - panned.to) / 2 / minute).toBeCloseTo(0, 0);
      expect(new URL(page.url()).searchParams.get('sel')).toBeNull();
    },
    LIMIT,
  );

  test(
    'a chart is a table as well: values of its lines with their times, and times without data as such',
    async () => {
      const { page } = await visit({ path: NIGHT });
      await page.waitForSelector('.strip-chart:nth-of-type(6)');
      await page.waitForTimeout(1500);
      await page.getByRole('button', { name: 'Disk throughput as table' }).focus();
      await page.keyboard.press('Enter');
      const sheet = page.getByRole('dialog', { name: 'Disk throughput' });
      await sheet.locator('tbody tr').first().waitFor();
      expect(await sheet.locator('thead th').allInnerTexts()).toEqual([
        'Time',
        'read\u00a0MiB/s',
        'written\u00a0MiB/s',
      ]);
      const rows = await sheet.locator('tbody tr').allInnerTexts();
      const cells = rows.map((row) => row.split('\t'));
      expect(
        cells.some(([time, value]) => /^02:3\d:\d\d\u00a0– 02:\d\d:\d\d$/.test(time!) && value === 'no data'),
      ).toBe(true);
      const read = (time: string) => Number(cells.find(([at]) => at === time)?.[1]);
      expect(read('02:50:00')).toBeLessThan(20);
      expect(read('03:20:00')).toBeGreaterThan(300);
      expect(cells[0]![0]! >= '02:24:00' && cells.at(-1)![0]! <= '03:24:00').toBe(true);
      expect(await seriousFindings(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await sheet.waitFor({ state: 'detached' });
      const focused = await page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
      expect(focused).toBe('Disk throughput as table');
    },
    LIMIT,
  );

  test(
    'a deep link shows the moment, its processes, the selection and what changed',
    async () => {
      const { page } = await visit({
        path: `${NIGHT}&at=2026-11-29T02:12:40Z&sel=2026-11-29T02:05Z/2026-11-29T02:15Z&changed=before`,
      });
      await page.waitForFunction(() => document.querySelector('.moment-card tbody tr.hot') !== null);
      expect(await page.locator('.moment-card h2').innerText()).toBe('Processes at 03:12:40');
      expect(await page.locator('.moment-card tbody tr').first().innerText()).toContain('restic');
      await page.waitForSelector('.wc li');
      expect(await page.locator('.wc li').first().innerText()).toContain('Stalled tasks');
      expect(await page.locator('.axis .moment text').textContent()).toContain('03:12:40');
    },
    LIMIT,
  );

  test(
    'before the backup the processes are others: the moment is asked for',
    async () => {
      const { page } = await visit({ path: `${NIGHT}&at=2026-11-29T01:50:00Z` });
      await page.waitForFunction(() => document.querySelectorAll('.moment-card tbody td').length > 8);
      expect(await page.locator('.moment-card tbody').innerText()).not.toContain('restic');
    },
    LIMIT,
  );

  test(
    'keys move the line, Enter pins it',
    async () => {
      const { page } = await visit({ path: NIGHT });
      await page.waitForSelector('.strip-chart:nth-of-type(6)');
      await page.waitForTimeout(500);
      await page.locator('.strip-chart').first().focus();
      await page.keyboard.press('ArrowLeft');
      await page.keyboard.press('Shift+ArrowLeft');
      await page.waitForSelector('.axis .moment');
      await page.keyboard.press('Enter');
      await page.waitForFunction(() => location.search.includes('at=2026-11-29T02:2'));
    },
    LIMIT,
  );

  test(
    'an absurd address falls back, with one line that says so',
    async () => {
      const { page } = await visit({ path: '/h/db-fra1-07/time?from=soon&to=9999-99-99T00:00Z&t=5parsecs&x=kept' });
      await page.waitForSelector('.bad-address');
      expect(await page.locator('.bad-address').innerText()).toContain('from=soon');
      expect(page.url()).toContain('x=kept');
    },
    LIMIT,
  );

  test(
    'a series of the address has a chart of its own',
    async () => {
      const { page } = await visit({ path: `${NIGHT}&s=system.load1` });
      await page.waitForFunction(() =>
        [...document.querySelectorAll('.strip-chart h2')].some((title) => title.textContent.startsWith('Load')),
      );
    },
    LIMIT,
  );
});

/** Until what is loaded after the first charts is there: the gestures come with these icons. */
async function untilComplete(page: Page): Promise<void> {
  await page.locator('symbol#left').waitFor({ state: 'attached' });
  await page.waitForTimeout(500);
}

/** ms since the Unix epoch, of an address; without one that of the page. */
function rangeOf(page: Page, address = page.url()): { readonly from: number; readonly to: number } {
  const { searchParams } = new URL(address, page.url());
  return { from: Date.parse(searchParams.get('from') ?? ''), to: Date.parse(searchParams.get('to') ?? '') };
}
