import { expect, test } from '@jest/globals';

import { setInfo, STORY_NOW, storySeries } from '../support/page/story.ts';
import { exactly, matchOf } from '../../web/views/alerts/match.ts';
import { ruleYaml } from '../../web/views/alerts/rule-yaml.ts';
import { fieldsOf } from '../../web/views/explore/catalog.ts';

import { seriousFindings } from './axe.ts';
import { describeInBrowser, DESK, layoutFaults, PHONE } from './browser.ts';

const LIMIT = 180_000;
const SMALL = { width: 360, height: 740 };
const HOST = '/h/db-fra1-07';

const VIEWS = [
  { name: 'processes', path: `${HOST}/processes`, there: '.procs-all tbody tr:nth-child(5)' },
  { name: 'containers', path: `${HOST}/containers/redis`, there: '.containers-all tbody tr:nth-child(5)' },
  { name: 'alerts', path: '/alerts', there: '.lst .arow:nth-child(1)' },
  { name: 'an alert', path: '/alerts/41a7', there: '.told li:nth-child(4)' },
  { name: 'explore', path: `${HOST}/explore?q=cpu&s=system.load1`, there: '.fields > li:nth-child(3)' },
  { name: 'agent', path: `${HOST}/agent`, there: '.log li' },
  { name: 'inventory', path: '/inventory', there: '.inv' },
];

describeInBrowser('Views', (visit) => {
  test.each(
    [
      { viewport: SMALL, colorScheme: 'light' },
      { viewport: DESK, colorScheme: 'dark' },
    ].map((look) => ({ ...look, title: `${look.viewport.width} px, ${look.colorScheme}` })),
  )(
    'stand and are accessible: $title',
    async ({ viewport, colorScheme }) => {
      const { page, host, complaints } = await visit({
        viewport,
        colorScheme: colorScheme as 'light',
        path: '/alerts',
      });
      for (const { name, path, there } of VIEWS) {
        await page.goto(host.url + path);
        await page.waitForSelector(there);
        await page.waitForTimeout(500);
        expect({ name, faults: await layoutFaults(page) }).toEqual({ name, faults: [] });
        expect({ name, findings: await seriousFindings(page) }).toEqual({ name, findings: [] });
      }
      expect(complaints).toEqual([]);
    },
    LIMIT,
  );

  test(
    'processes: a head sorts, words filter, a row opens what it used, the address holds all of it',
    async () => {
      const { page, host } = await visit({ path: `${HOST}/processes` });
      const names = () => page.locator('.procs-all tbody td:first-child').allInnerTexts();
      await page.waitForSelector('.procs-all tbody tr');
      expect((await names())[0]).toBe('restic');
      await page.getByRole('button', { name: 'Memory GiB' }).click();
      await page.waitForFunction(() => location.search.includes('sort=-memory'));
      expect((await names())[0]).toBe('postgres');
      await page.getByLabel('Name, unit, user').fill('postgresql');
      await page.waitForFunction(() => document.querySelectorAll('.procs-all tbody tr').length === 1);
      await page.waitForFunction(() => location.search.includes('q=postgresql'));
      await page.goto(`${page.url()}&pid=48190`);
      const sheet = page.getByRole('dialog', { name: 'postgres' });
      await sheet.getByText('at 30 moments').waitFor();
      await page.waitForSelector('dialog .spark-line[d^="M"]', { state: 'attached' });
      expect(host.posted).toEqual([]);
    },
    LIMIT,
  );

  test(
    'processes at a pinned moment are those of then',
    async () => {
      const { page } = await visit({ path: `${HOST}/processes?at=2026-11-29T02:00:00Z` });
      await page.getByRole('heading', { name: 'Processes at 03:00:00' }).waitFor();
      await page.waitForSelector('.procs-all:not(.faded) tbody tr');
      const text = await page.locator('.procs-all').innerText();
      expect(text).toContain('48213');
      expect(text).not.toContain('restic');
    },
    LIMIT,
  );

  test(
    'alerts: an address opens the form filled in and does nothing; a press acknowledges, undo takes it back',
    async () => {
      const { page, host } = await visit({ path: '/alerts/41a7?do=ack', viewport: PHONE });
      const form = page.getByRole('dialog', { name: 'Acknowledge' });
      await form.waitFor();
      expect(host.posted).toEqual([]);
      await form.getByLabel('Why (others see it)').fill('on it');
      await form.getByLabel('Your name').fill('mk');
      await form.getByRole('button', { name: 'Acknowledge' }).click();
      await page.getByText('Acknowledged by mk').waitFor();
      expect(host.posted).toEqual([{ path: 'acks', body: { fingerprint: '41a7', by: 'mk', comment: 'on it' } }]);
      await page.waitForFunction(() => !location.search.includes('do='));
      await page.getByRole('button', { name: 'Undo' }).click();
      await page.waitForFunction(() => document.querySelector('.handled') === null);
      expect(host.posted[1]).toEqual({ path: 'acks/41a7/withdraw', body: { by: 'mk' } });
    },
    LIMIT,
  );

  test(
    'alerts: a silence of four hours for this alert only',
    async () => {
      const { page, host } = await visit({ path: '/alerts/41a7?do=silence&for=1h', viewport: PHONE });
      const form = page.getByRole('dialog', { name: 'Silence for how long?' });
      await form.getByRole('button', { name: '4 h, to 07:2' }).click();
      const before = host.now();
      await form.getByRole('button', { name: 'Silence for 4' }).click();
      await page.waitForFunction(() => document.querySelector('dialog') === null);
      const [{ path, body } = { path: '', body: {} }] = host.posted;
      expect(path).toBe('silences');
      expect(body).toMatchObject({ match: { rule: 'cpu_iowait', host: 'db-fra1-07', name: 'nvme1n1' }, by: 'page' });
      const { until } = body as { readonly until: number };
      expect(Math.abs(until - before - 4 * 3_600_000)).toBeLessThan(60_000);
    },
    LIMIT,
  );

  test(
    'alerts: the page of one says who was notified and why, and who was busy when it began',
    async () => {
      const { page } = await visit({ path: '/alerts/41a7' });
      await page.getByText('slack-ops did not take it').waitFor();
      await page.getByText('Hooks.slack.com answered 503').waitFor();
      await page.getByText('mail-lead is not notified').waitFor();
      await page.waitForFunction(() => document.querySelector('.det .procs tbody tr')?.textContent.includes('restic'));
      await page.getByText('Worst', { exact: true }).waitFor();
      expect(await page.locator('.alert-chart .x').innerText()).toBe('02:09 – 04:09');
    },
    LIMIT,
  );

  test(
    'without a session what is private says so, and nothing can be acknowledged',
    async () => {
      const { page } = await visit({ path: `${HOST}/agent`, mayAct: false });
      await page.getByText('The log needs you to sign in.').waitFor();
      await page.getByText('The configuration needs you to sign in.').waitFor();
      await page.goto(`${new URL(page.url()).origin}/alerts/41a7?do=ack`);
      await page.getByText('To acknowledge needs you to sign in.').waitFor();
    },
    LIMIT,
  );

  test(
    'explore finds a series of its own by a word of its help, and the address draws it',
    async () => {
      const custom = {
        measurement: 'shop',
        tags: { lane: 'eu' },
        fields: { orders: { read: () => 7, unit: 'orders', help: 'Orders that wait for payment' } },
      };
      const { page } = await visit({ path: `${HOST}/explore`, series: [...storySeries(), custom] });
      await page.getByLabel('Measurement, field, tag').fill('payment');
      await page.getByRole('button', { name: /shop.*orders/ }).click();
      await page.waitForFunction(() => location.search.includes('s=shop.orders'));
      await page.waitForFunction(() => document.querySelector('.chosen .val')?.textContent === '7\u00a0orders');
      await page.reload();
      await page.waitForFunction(() => document.querySelector('.chosen .val')?.textContent === '7\u00a0orders');
      expect(await page.locator('.field.on').count()).toBe(1);
    },
    LIMIT,
  );

  test(
    'a threshold is tried while it is typed, and written by a press',
    async () => {
      const { page, host, complaints } = await visit({ path: '/alerts' });
      await page.getByRole('button', { name: 'New threshold' }).click();
      const sheet = page.getByRole('dialog', { name: 'New threshold' });
      await sheet.getByLabel('Metric').fill('disk.used_percent');
      await sheet.getByLabel('Warning').fill('much');
      await sheet.getByText('"much" is not a percentage').waitFor();
      expect(await sheet.getByLabel('Warning').getAttribute('aria-invalid')).toBe('true');
      expect(await sheet.getByRole('button', { name: 'Add the threshold' }).isDisabled()).toBe(true);
      await sheet.getByLabel('Warning').fill('85%');
      await sheet.getByText('Would have fired 3 times in the last 7 days').waitFor();
      expect(host.posted.filter(({ path }) => path === 'rules')).toEqual([]);
      expect(await seriousFindings(page)).toEqual([]);
      await sheet.getByLabel('Your name').fill('mk');
      await sheet.getByRole('button', { name: 'Add the threshold' }).click();
      await page.getByText('my_disk_used_percent is in force').waitFor();
      expect(host.posted.at(-1)).toEqual({
        path: 'rules',
        body: {
          by: 'mk',
          draft: {
            id: 'my_disk_used_percent',
            metric: 'disk.used_percent',
            direction: 'above',
            warning: '85%',
            for: '5m',
          },
        },
      });
      expect(complaints).toEqual([]);
    },
    LIMIT,
  );

  test(
    'where no rule can be written, the form says why and shows the YAML; other limits name only what changes',
    async () => {
      const { page, host } = await visit({ path: '/alerts/41a7?do=limit', readOnly: 'healthd runs without a file' });
      const sheet = page.getByRole('dialog', { name: 'Limits of cpu_iowait' });
      await sheet.getByText('Change a limit').waitFor();
      expect(await sheet.getByLabel('Critical').inputValue()).toBe('60%');
      await sheet.getByLabel('Critical').fill('70%');
      await sheet.getByText('healthd runs without a file').waitFor();
      expect(await sheet.locator('pre').innerText()).toContain('override: cpu_iowait');
      expect(host.posted.at(-1)).toEqual({
        path: 'rules/preview',
        body: { id: 'cpu_iowait', direction: 'above', critical: '70%' },
      });
    },
    LIMIT,
  );

  test(
    'keys: from alert to alert, and the form of one',
    async () => {
      const { page } = await visit({ path: '/alerts' });
      await page.waitForSelector('.arow.on');
      await page.keyboard.press('j');
      await page.waitForFunction(() => location.pathname === '/alerts/52b8');
      await page.keyboard.press('s');
      await page.getByRole('dialog', { name: 'Silence for how long?' }).waitFor();
      await page.keyboard.press('Escape');
      await page.waitForFunction(() => document.querySelector('dialog') === null);
      await page.waitForFunction(() => location.href.endsWith('/alerts/52b8'));
    },
    LIMIT,
  );
});

test('a silence matches the alert and what its labels say, to the letter', () => {
  const alert = { rule: 'disk_full', host: 'db1', tags: { path: '/srv/[old]*' } };
  expect(matchOf(alert)).toEqual({ rule: 'disk_full', host: 'db1', path: String.raw`~/srv/\[old\]\*` });
  expect(exactly('!x')).toBe('~!x');
  expect(exactly('/var')).toBe('/var');
});

test('rules to add are YAML that keeps what was typed', () => {
  expect(ruleYaml({ id: 'cpu_iowait', direction: 'above', critical: '70%' })).toBe(
    'alerts:\n  rules:\n    - override: cpu_iowait\n      above:\n        critical: 70%\n',
  );
  expect(ruleYaml({ id: 'my: rule', metric: 'disk.free', direction: 'below', warning: '20GiB', for: '5m' })).toBe(
    'alerts:\n  rules:\n    - id: "my: rule"\n      metric: disk.free\n      below:\n        warning: 20GiB\n      for: 5m\n',
  );
});

test('explore lists fields once, with the series that have them, and only those with all words', () => {
  const sets = storySeries().map((series) => setInfo(series, STORY_NOW));
  const [first] = fieldsOf(sets, ['iowait']);
  expect(first?.field.name).toBe('usage_iowait');
  expect(first?.series).toHaveLength(17);
  expect(fieldsOf(sets, ['iowait', 'cpu3']).map(({ series }) => series.map(({ name }) => name))).toEqual([
    ['cpu.usage_iowait{cpu=cpu3}'],
  ]);
});
