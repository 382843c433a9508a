import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';

import { fleetState, storyFleet } from '../support/page/story-fleet.ts';
import { storyFleetInventory } from '../support/page/story-inventory.ts';
import { STORY_NOW } from '../support/page/story.ts';
import { allLines, nearestLine } from '../../web/views/fleet/all-lines.ts';
import { parseHostFilter } from '../../web/views/fleet/filter.ts';
import { cellAt, cellSize, heatLayout, heatPaths, walk } from '../../web/views/fleet/heat.ts';
import { groupsOf } from '../../web/views/fleet/groups.ts';
import { allProblems, fleetProblems } from '../../web/views/fleet/problems.ts';
import { rowsBetween } from '../../web/views/fleet/rows.ts';
import { driftOf } from '../../web/views/inventory/drift.ts';
import { parseTags } from '../../web/views/fleet/token-tags.ts';
import { hostRow } from '../../web/views/fleet/trouble.ts';

import { seriousFindings } from './axe.ts';
import { describeInBrowser, DESK, layoutFaults, PHONE } from './browser.ts';

const LIMIT = 120_000;
const FLEET = 500;
/** What the page may work for a key or a step of scrolling, on average. ms of processor time, with room for a busy machine. */
const STEP_MS = 120;

const answer = storyFleet(fleetState(FLEET), STORY_NOW);
const rows = answer.hosts.map((host) => hostRow(host, answer.now));

function namesWith(filter: string): readonly string[] {
  return rows.filter((row) => parseHostFilter(filter).matches(row)).map(({ name }) => name);
}

test('the filter takes words, tags, states and comparisons', () => {
  expect(namesWith('role=db')).toHaveLength(rows.filter(({ tags }) => tags['role'] === 'db').length);
  expect(namesWith('role=db fra1').every((name) => name.startsWith('db-fra1'))).toBe(true);
  expect(namesWith('state=down')).toEqual(['build-ams2-008']);
  expect(namesWith('state!=up site!=sin1')).toHaveLength(5);
  expect(namesWith('lost>0')).toEqual(['worker-fra1-022']);
  expect(namesWith('clock>2')).toEqual(['edge-sfo3-015']);
  expect(namesWith('host=db-*-017')).toEqual(['db-ams2-017']);
  expect(namesWith('old-name')).toEqual(['build-ams2-032']);
  expect(namesWith('rack=7')).toEqual([]);
  expect(parseHostFilter('cpu>high cpu>80% role>db').bad).toEqual(['cpu>high', 'role>db']);
});

test('what is wrong: a lost site is one sentence, and so is what many hosts share', () => {
  const problems = fleetProblems(rows, answer);
  const texts = problems.map(({ sentence }) =>
    sentence.map((part) => (typeof part === 'string' ? part : part.name)).join(''),
  );
  expect(texts).toEqual([
    'Lost sight of 5 of 8 hosts in sin1',
    'build-ams2-008 is down',
    'api-sfo3-012 is late',
    'worker-fra1-022 has lost 412 lines',
    'edge-sfo3-015 has a clock that is 3.1\u00a0s behind the hub',
    'build-sfo3-024 waits for approval',
  ]);
  const late = rows.map((row, index) =>
    index < 12 ? hostRow({ ...row, presence: 'late', offsetMs: 0 }, answer.now) : row,
  );
  const [first] = fleetProblems(late, { ...answer, sites: [] }).filter(({ id }) => id === 'late');
  expect(first).toMatchObject({ sentence: [{ name: '13 hosts' }, ' are late'], keys: { q: 'state=late' } });
});

test('alerts of the hub are among the problems, the worst first; those about what the view knows itself are not', () => {
  const alert = (rule: string, level: 'critical' | 'warning', by?: string) => ({
    id: rule,
    level,
    sentence: [rule],
    evidence: '',
    since: null,
    alert: { fingerprint: rule, rule, ...(by !== undefined && { acknowledgedBy: by }) },
  });
  const findings = [
    alert('replica_lag', 'critical'),
    alert('cpu_high', 'warning'),
    alert('host_down', 'critical'),
    alert('disk_full', 'critical', 'mk'),
  ];
  const problems = allProblems(rows, answer, { at: 0, findings, fine: 0 });
  expect(problems.map(({ id }) => id).slice(0, 3)).toEqual([
    'site sin1',
    `down ${rows.find(({ rank }) => rank === 0)?.id}`,
    'replica_lag',
  ]);
  expect(problems.map(({ id }) => id)).toContain('cpu_high');
  expect(problems).toHaveLength(8);
});

test('a stop that was announced, a revoked host and an old loss need nobody', () => {
  const [one] = answer.hosts;
  if (one === undefined) throw new Error('no host');
  const lines = { ...one.lines, lost: 9, completeSince: answer.now - 2 * 86_400_000 };
  expect(hostRow({ ...one, presence: 'stopped' }, answer.now).troubles).toEqual([]);
  expect(hostRow({ ...one, presence: 'down', isRevoked: true }, answer.now).troubles).toEqual([]);
  expect(hostRow({ ...one, presence: 'up', lines }, answer.now).troubles).toEqual([]);
});

test('the heat map: a path for each colour, whatever the number of hosts; arrows walk through all groups', () => {
  const layout = heatLayout(groupsOf(rows, 'role'), cellSize(rows.length, false), { width: 656, labelWidth: 96 });
  expect(layout.labels.map(({ value }) => value)).toEqual(['api', 'build', 'db', 'edge', 'web', 'worker']);
  const { levels, marked } = heatPaths(layout, 'cpu', 100);
  expect(levels).toHaveLength(6);
  expect(marked).toHaveLength(10);
  const seen = new Set<number>();
  let at = 0;
  for (let step = 0; step < 100; step += 1) {
    seen.add(at);
    const cell = layout.cells[at];
    expect(cellAt(layout, (cell?.x ?? 0) + 2, (cell?.y ?? 0) + 2)).toBe(at);
    at = walk(layout, at, 'ArrowDown');
  }
  expect(at).toBeGreaterThan(rows.length - layout.columns);
  expect(walk(layout, 0, 'ArrowUp')).toBe(0);
  expect(walk(layout, 0, 'End')).toBe(rows.length - 1);
});

test('rows that are drawn move in steps, and never beyond the ends', () => {
  expect(rowsBetween(-20, 10, 500)).toEqual({ from: 0, to: 24 });
  expect(rowsBetween(100, 130, 500)).toEqual({ from: 84, to: 144 });
  expect(rowsBetween(101, 131, 500)).toEqual({ from: 84, to: 144 });
  expect(rowsBetween(480, 520, 500).to).toBe(500);
  expect(rowsBetween(0, 30, 3)).toEqual({ from: 0, to: 3 });
});

test('a host differs when at least half of the others agree; kernels are compared within a system', () => {
  const of = (id: string, os: string, kernel: string, version = '1') => ({
    ...{ id, name: id, at: 0, os, kernel, version, arch: 'x64', virtualisation: '', cores: 1, memoryBytes: 1 },
    ...{ isRebootPending: null, failing: [], changedAt: null },
  });
  const drift = driftOf([
    of('a', 'Debian', '6.12'),
    of('b', 'Debian', '6.12'),
    of('c', 'Debian', '6.1', '2'),
    of('d', 'Ubuntu', '6.8'),
  ]);
  expect(drift.map(({ differs }) => [...differs])).toEqual([
    [],
    [],
    [
      ['kernel', '6.12'],
      ['version', '1'],
    ],
    [['os', 'Debian']],
  ]);
  expect(driftOf([of('a', 'Debian', '1'), of('b', 'Ubuntu', '2'), of('c', 'Alpine', '3')])[0]?.differs.size).toBe(0);
});

test('a chart of all hosts: the greatest first, those that are far from most, and where eight of ten lie', () => {
  const hosts = Array.from({ length: 20 }, (_, index) => ({ id: `h${index}`, name: `web-${index}` }));
  const lines = hosts.map(({ id, name }, index) => ({
    id,
    name,
    values: [index === 7 ? 90 : 10 + index, index === 3 ? null : 20],
  }));
  const data = allLines(
    { from: 0, step: 1000, lines: [...lines, { id: 'other', name: 'other', values: [100, 100] }] },
    hosts,
  );
  expect(data.lines).toHaveLength(20);
  expect(data.far[0]).toMatchObject({ name: 'web-7', last: 20 });
  expect(data.lines.at(-1)).toMatchObject({ name: 'web-3', last: 13 });
  expect([data.low[0], data.median[0], data.high[0]]).toEqual([12, 21, 29]);
  expect(data.greatest).toBe(90);
  expect(nearestLine(data, 0, 80)?.name).toBe('web-7');
  expect(nearestLine(data, 1, 20)?.name).not.toBe('web-3');
  expect(allLines({ from: 0, step: 1000, lines: [] }, hosts)).toMatchObject({ lines: [], greatest: 0 });
});

test('tags of a token', () => {
  expect(parseTags('role=db, site=fra1').tags).toEqual({ role: 'db', site: 'fra1' });
  expect(parseTags('').tags).toEqual({});
  expect(parseTags('role').problem).toContain('role');
});

/** Processor time that the page has taken so far, which the load of the machine hardly changes. ms. */
async function workOf(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  return async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? NaN);
  };
}

describeInBrowser('The fleet of 500 hosts', (visit) => {
  test.each([
    { title: 'desk', viewport: DESK, sheets: [] },
    { title: 'phone', viewport: PHONE, sheets: ['/fleet/worker-fra1-022', '/fleet?do=add'] },
    { title: 'half a screen', viewport: { width: 800, height: 900 }, sheets: [] },
  ])(
    'stands and is accessible, dark and light: $title',
    async ({ viewport, sheets }) => {
      const { page, host, complaints } = await visit({ viewport, fleet: FLEET, path: '/fleet?by=role' });
      await page.waitForSelector('.hosts-all tr[data-id]');
      await page.getByRole('heading', { name: '10 of 500 hosts need you' }).waitFor();
      expect(await layoutFaults(page)).toEqual([]);
      expect(await seriousFindings(page)).toEqual([]);
      await page.emulateMedia({ colorScheme: 'light' });
      expect(await seriousFindings(page)).toEqual([]);
      for (const path of sheets) {
        await page.goto(host.url + path);
        await page.waitForSelector('dialog[open] .btn');
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
        expect(await seriousFindings(page)).toEqual([]);
      }
      expect(complaints).toEqual([]);
    },
    LIMIT,
  );

  test(
    'a head sorts, the box filters, a tag groups, and the address holds all of it',
    async () => {
      const { page } = await visit({ fleet: FLEET, path: '/fleet' });
      const names = () => page.locator('.hosts-all tr[data-id] .w-name').allInnerTexts();
      await page.waitForSelector('.hosts-all tr[data-id]');
      expect((await names())[0]).toBe('build-ams2-008');
      await page.getByRole('button', { name: 'Memory %' }).click();
      await page.waitForFunction(() => location.search.includes('sort=-memory'));
      const memory = await page.locator('.hosts-all .w-memory .meter-n').allInnerTexts();
      expect(memory.map(Number)).toEqual(memory.map(Number).toSorted((a, b) => b - a));
      await page.getByLabel('role=db state!=up cpu>80').fill('role=edge site=ams2');
      await page.waitForFunction(() => location.search.includes('site'));
      await page.waitForFunction(() => document.querySelectorAll('.hosts-all tr[data-id]').length < 30);
      expect((await names()).every((name) => name.startsWith('edge-ams2'))).toBe(true);
      await page.getByRole('heading', { name: /^\d+ of 500$/ }).waitFor();
      await page.goto(`${new URL(page.url()).origin}/fleet?by=site&q=role%3Dweb`);
      await page.waitForSelector('.group-row');
      expect(await page.locator('.group-row').first().innerText()).toContain('ams2');
      await page.getByLabel('Group by').selectOption('role');
      await page.waitForFunction(() => location.search.includes('by=role'));
      await page.waitForFunction(() => document.querySelectorAll('.heat-label').length === 1);
      await page.getByLabel('role=db state!=up cpu>80').fill('');
      await page.waitForFunction(() => document.querySelectorAll('.heat-label').length === 6);
      await page.locator('.heat').click({ position: { x: 10, y: 8 } });
      await page.waitForFunction(() => location.search.includes('q=role%3Dapi'));
    },
    LIMIT,
  );

  test(
    'the first hosts of the table are drawn as lines of one chart, which stay when the order changes',
    async () => {
      const { page } = await visit({ fleet: FLEET, path: '/fleet?q=role%3Ddb&sort=name' });
      await page.getByRole('button', { name: 'Draw the first 5' }).click();
      await page.getByRole('heading', { name: 'CPU of 5 hosts' }).waitFor();
      await page.waitForFunction(() => /\d/.test(document.querySelector('.host-lines .val')?.textContent ?? ''));
      const drawn = await page.locator('.host-lines .leg').innerText();
      expect(drawn).toContain('db-ams2-017');
      await page.getByRole('button', { name: 'CPU %' }).click();
      await page.getByRole('group', { name: 'Chart' }).getByRole('button', { name: 'Load' }).click();
      await page.getByRole('heading', { name: 'Load of 5 hosts' }).waitFor();
      expect(await page.locator('.host-lines .leg').innerText()).toContain('db-ams2-017');
      expect(await layoutFaults(page)).toEqual([]);
      await page.getByRole('button', { name: 'Close the chart' }).click();
      await page.waitForFunction(() => !location.search.includes('host='));
    },
    LIMIT,
  );

  test.each([
    { title: 'desk', viewport: DESK },
    { title: 'phone', viewport: PHONE },
  ])(
    'all hosts are one chart: a band, the furthest from most, their rank; a filter narrows it to lines: $title',
    async ({ viewport }) => {
      const { page, complaints } = await visit({ viewport, fleet: FLEET, path: '/fleet' });
      await page.getByRole('button', { name: 'Draw all 500' }).click();
      await page.getByRole('heading', { name: 'CPU of 500 hosts' }).waitFor();
      const ranked = page.locator('.all-lines-rank a');
      expect(await ranked.count()).toBe(8);
      await ranked.first().focus();
      const name = await ranked.first().innerText();
      await page.getByText(new RegExp(`^${name}: \\d`)).waitFor();
      const colours = await page.locator('.all-lines-plot canvas').evaluate((canvas: HTMLCanvasElement) => {
        const data = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
        return new Set(Array.from({ length: data.length / 4 }, (_, at) => data[4 * at + 3])).size;
      });
      expect(colours).toBeGreaterThan(3);
      expect(await layoutFaults(page)).toEqual([]);
      expect(await seriousFindings(page)).toEqual([]);
      await page.getByRole('group', { name: 'Chart' }).getByRole('button', { name: 'Load' }).click();
      await page.getByRole('heading', { name: 'Load of 500 hosts' }).waitFor();
      await page.getByLabel('role=db state!=up cpu>80').fill('role=db');
      await page.getByRole('heading', { name: /^Load of (?!500)\d+ hosts$/ }).waitFor();
      await page.getByRole('button', { name: 'Close the chart' }).click();
      await page.waitForFunction(() => !location.search.includes('host='));
      expect(complaints).toEqual([]);
    },
    LIMIT,
  );

  test(
    'keys walk through rows that are not drawn yet, and through the heat map; nothing holds the page up',
    async () => {
      const { page, complaints } = await visit({ fleet: FLEET, path: '/fleet' });
      await page.waitForSelector('.hosts-all tr[data-id]');
      expect(await page.locator('.hosts-all tr[data-id]').count()).toBeLessThan(80);
      const worked = await workOf(page);
      const before = await worked();
      for (let press = 0; press < 60; press += 1) await page.keyboard.press('j');
      const focused = () => page.evaluate(() => document.activeElement?.closest('tr')?.getAttribute('aria-rowindex'));
      await page.waitForFunction(() => document.activeElement?.closest('tr')?.getAttribute('aria-rowindex') === '61');
      await page.keyboard.press('k');
      await page.waitForFunction(() => document.activeElement?.closest('tr')?.getAttribute('aria-rowindex') === '60');
      expect(await focused()).toBe('60');
      for (let step = 0; step < 40; step += 1)
        await page.evaluate(() => {
          scrollBy(0, 400);
        });
      await page.waitForFunction(() => [...document.querySelectorAll('tr[data-id]')].at(-1)?.ariaRowIndex === '501');
      expect(((await worked()) - before) / (60 + 40)).toBeLessThan(STEP_MS);
      await page.evaluate(() => {
        scrollTo(0, 0);
      });
      await page.locator('.heat').focus();
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowDown');
      const name = await page.locator('.heat-card .foot b').innerText();
      await page.keyboard.press('Enter');
      await page.getByRole('dialog', { name }).waitFor();
      expect(await page.evaluate(() => location.pathname)).toBe(`/fleet/${name}`);
      await page.keyboard.press('Escape');
      await page.waitForFunction(() => location.pathname === '/fleet');
      await page.keyboard.press('/');
      await page.getByRole('searchbox', { name: 'Metric, process, host' }).fill('web-ams2-011');
      await page.getByRole('link', { name: 'web-ams2-011 host' }).click();
      await page.getByRole('heading', { level: 1, name: 'web-ams2-011' }).waitFor();
      expect(await page.evaluate(() => location.pathname)).toBe('/h/web-ams2-011/');
      expect(complaints).toEqual([]);
    },
    LIMIT,
  );

  test(
    'a host shows its own alerts only, and each leads to its page',
    async () => {
      const { page, host, complaints } = await visit({ fleet: FLEET, path: '/fleet/db-fra1-001' });
      const rows = page.locator('.host-alerts .arow');
      await rows.nth(1).waitFor();
      expect(await rows.count()).toBe(2);
      await rows.first().click();
      await page.waitForFunction(() => location.pathname.startsWith('/alerts/'));
      await page.getByText('Who was notified, and why').waitFor();
      await page.goto(`${host.url}/fleet/web-ams2-002`);
      await page.getByText('Nothing fires on web-ams2-002.').waitFor();
      expect(complaints).toEqual([]);
    },
    LIMIT,
  );

  test.each([
    { title: 'desk', viewport: DESK },
    { title: 'phone', viewport: PHONE },
  ])(
    'another host has its own views from the history of the hub, and says what only it can show: $title',
    async ({ viewport }) => {
      const { page, host, complaints } = await visit({ viewport, fleet: FLEET, path: '/h/api-fra1-028/' });
      const asked: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      await page.reload();
      await page.getByText('Up for').waitFor();
      await page.waitForFunction(() => document.querySelectorAll('.elsewhere .val').length === 6);
      await page.waitForFunction(() =>
        [...document.querySelectorAll('.elsewhere .val')].every(({ textContent }) => /\d/.test(textContent)),
      );
      const of = new Set(
        asked
          .map((url) => new URL(url))
          .filter(({ pathname }) => /query|series$/.test(pathname))
          .map(({ searchParams }) => searchParams.get('host')),
      );
      expect([...of]).toEqual([(27).toString(16).padStart(32, '0')]);
      expect(await layoutFaults(page)).toEqual([]);
      expect(await seriousFindings(page)).toEqual([]);
      // New lines of the host: the charts ask the hub again at its interval.
      await page.waitForRequest((request) => request.url().includes('usage_user'));
      await page.goto(`${host.url}/h/api-fra1-028/time?t=1h`);
      await page.waitForSelector('.strip-chart canvas');
      expect(await layoutFaults(page)).toEqual([]);
      await page.goto(`${host.url}/h/api-fra1-028/processes`);
      await page.getByText('Only api-fra1-028 itself can show this').waitFor();
      await page.getByRole('link', { name: 'api-fra1-028 at the hub' }).click();
      await page.getByText('Up for').waitFor();
      await page.goto(`${host.url}/h/nobody/`);
      await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
      await page.goto(`${host.url}/`);
      await page.getByRole('heading', { name: '10 of 500 hosts need you' }).waitFor();
      expect(complaints).toEqual([]);
    },
    LIMIT,
  );

  test.each([
    { title: 'desk', viewport: DESK },
    { title: 'phone', viewport: PHONE },
  ])(
    'the inventory says who differs from most, and the sheet of a host what changed in it: $title',
    async ({ viewport }) => {
      const { page, host, complaints } = await visit({ viewport, fleet: FLEET, path: '/inventory' });
      const all = storyFleetInventory(fleetState(FLEET), STORY_NOW).hosts;
      const differing = driftOf(all).filter(({ differs }) => differs.size > 0).length;
      await page.getByRole('heading', { name: `${differing} of 500 hosts differ from most` }).waitFor();
      expect(await page.locator('.drift tbody tr').count()).toBe(500);
      await page.getByLabel('Only those that differ').check();
      await page.waitForFunction((count) => document.querySelectorAll('.drift tbody tr').length === count, differing);
      await page.getByLabel('Host, kernel, version').fill('6.1.0-28');
      await page.waitForFunction(() => document.querySelectorAll('.drift tbody tr').length === 25);
      expect(await page.locator('.drift tbody b').first().getAttribute('title')).toBe('Most have 6.12.41+deb13-amd64');
      expect(await layoutFaults(page)).toEqual([]);
      expect(await seriousFindings(page)).toEqual([]);
      await page.goto(`${host.url}/fleet/web-ams2-011`);
      const sheet = page.getByRole('dialog', { name: 'web-ams2-011' });
      await sheet.getByText('Kernel: 6.12.38 → 6.12.41').waitFor();
      await sheet.getByText('Memory: Slot 1: 16 GiB DDR4').waitFor();
      await page.goto(`${host.url}/inventory?own=1`);
      await page.getByRole('heading', { name: 'Inventory' }).waitFor();
      expect(complaints).toEqual([]);
    },
    LIMIT,
  );

  test(
    'the switch lists hosts; another one is a page of its own, and Back returns',
    async () => {
      const { page } = await visit({ fleet: FLEET, path: '/h/api-fra1-028/time' });
      await page.getByRole('button', { name: 'api-fra1-028' }).click();
      await page.getByRole('searchbox', { name: 'Metric, process, host' }).fill('db-fra1-07');
      await page.getByRole('link', { name: 'db-fra1-07 host of the hub' }).click();
      await page.getByRole('heading', { name: 'Who is busy now' }).waitFor();
      await page.goBack();
      await page.waitForFunction(() => location.pathname === '/h/api-fra1-028/time');
      await page.getByText('Only api-fra1-028 itself knows its processes').waitFor();
    },
    LIMIT,
  );

  test(
    'a host is approved at once, forgotten after a second press; a token is shown once',
    async () => {
      const { page, host } = await visit({ fleet: FLEET, path: '/fleet/build-sfo3-024' });
      const sheet = page.getByRole('dialog', { name: 'build-sfo3-024' });
      await sheet.getByText('It waits for approval').waitFor();
      await sheet.getByText('has joined').waitFor();
      await sheet.getByRole('heading', { name: 'CPU, not idle' }).waitFor();
      await sheet.getByRole('button', { name: 'Approve' }).click();
      await page.getByText('build-sfo3-024 was approved.').waitFor();
      await sheet.getByText('Up for').waitFor();
      await sheet.getByRole('button', { name: 'Forget' }).click();
      await sheet.getByRole('button', { name: 'Keep it' }).click();
      await sheet.getByRole('button', { name: 'Forget' }).click();
      await sheet.getByRole('button', { name: 'Forget build-sfo3-024' }).click();
      await page.getByRole('heading', { name: '9 of 499 hosts need you' }).waitFor();
      const id = (23).toString(16).padStart(32, '0');
      expect(host.posted.map(({ path }) => path)).toEqual([`fleet/hosts/${id}/approve`, `fleet/hosts/${id}/forget`]);
      await page.getByRole('link', { name: 'Add a host' }).click();
      const add = page.getByRole('dialog', { name: 'Add a host' });
      await add.getByLabel('Tags of these hosts').fill('role');
      await add.getByText('is not like role=db').waitFor();
      await add.getByLabel('Tags of these hosts').fill('role=db');
      await add.getByRole('button', { name: 'Make a join token' }).click();
      await add.getByText('healthd join https://hub.example.org:8400#hd_join_').waitFor();
      expect(host.posted.at(-1)).toEqual({
        path: 'fleet/tokens',
        body: { tags: { role: 'db' }, expiresMs: 3_600_000, uses: 1 },
      });
      await add.getByRole('button', { name: 'End token 5f3a9c01' }).click();
      await add.getByText('There are none.').waitFor();
    },
    LIMIT,
  );

  test(
    'a reader without a session sees hosts, not acts; an agent that is no hub has no fleet and asks for none',
    async () => {
      const { page, complaints } = await visit({ fleet: 3, path: '/fleet/api-fra1-004', mayAct: false });
      await page.getByText('The hub has no such host').waitFor();
      await page.keyboard.press('Escape');
      await page.locator('.hosts-all a').first().click();
      await page.getByText('To approve, revoke or forget a host needs you to sign in.').waitFor();
      expect(complaints).toEqual([]);
      const alone = await visit({ path: '/fleet' });
      await alone.page.getByRole('heading', { name: 'This agent is no hub' }).waitFor();
      expect(await alone.page.getByRole('navigation').getByText('Fleet').count()).toBe(0);
      expect(alone.complaints).toEqual([]);
    },
    LIMIT,
  );
});
