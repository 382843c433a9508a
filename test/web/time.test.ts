import { expect, test } from '@jest/globals';

import { describeInBrowser, DESK, layoutFaults, PHONE } from './browser.ts';

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
      const box = (await page.locator('.strip-chart .u-over').first().boundingBox())!;
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
