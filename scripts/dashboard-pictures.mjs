/**
 * Draws docs/images/dashboard-*.png: runs agents, a Docker daemon and an InfluxDB, asks the InfluxDB all that the
 * dashboards ask, and draws the answers about as Grafana does. Needs root, for the Docker daemon.
 *
 *   npm run build && node scripts/dashboard-pictures.mjs [ANSWERS]
 *
 * With a file, the answers are kept there; if it exists, they are drawn again. In the environment, CHROMIUM names the
 * browser if it is not /usr/bin/chromium, DURATION the seconds that the agents run, and with DEBUG they show their log.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { chromium } from 'playwright-core';

import { playScene } from './pictures/scene.mjs';
import { dashboardPage, WIDTH } from './render/page.mjs';
import { smallPng } from './render/small-png.mjs';

const root = join(import.meta.dirname, '..');
const ALL = '.*';

/** What is chosen in the dashboard, and where the picture ends. */
const PICTURES = {
  fleet: {},
  host: { choices: { host: 'web1' }, until: 40 },
  docker: { choices: { host: 'web1' } },
  alerts: {},
  healthd: { choices: { host: 'web1' } },
};

const [, , file] = process.argv;
const { range, pictures } =
  file !== undefined && existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : await askAll();
if (file !== undefined) writeFileSync(file, JSON.stringify({ range, pictures }));
await drawAll();

/** @returns for each picture the answers of each panel by its id, and the annotations */
async function askAll() {
  const { query, range, stop } = await playScene(Number(process.env.DURATION ?? 120));
  try {
    const pictures = {};
    for (const [name, { choices = {} }] of Object.entries(PICTURES)) {
      const { panels, annotations } = dashboardOf(name);
      const ask = (text) => query(substituted(text, range, choices));
      const answers = {};
      for (const panel of panels.filter(({ targets }) => targets !== undefined)) {
        const series = await Promise.all(panel.targets.map((target) => ask(target.query)));
        answers[panel.id] = panel.targets.map((target, index) => ({ target, series: series[index] }));
      }
      const marks = [];
      for (const { target, iconColor } of annotations.list.filter((one) => 'query' in one.target)) {
        const series = await ask(target.query);
        marks.push(...series.flatMap(({ values }) => values.map(([time]) => ({ time, color: iconColor }))));
      }
      pictures[name] = { answers, marks };
    }
    return { range, pictures };
  } finally {
    await stop();
  }
}

async function drawAll() {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  try {
    for (const [name, { answers, marks }] of Object.entries(pictures)) {
      const { choices = {}, until } = PICTURES[name];
      const dashboard = dashboardOf(name);
      const answersOf = ({ id }) => answers[id];
      const html = dashboardPage({
        dashboard,
        choices: shownChoices(dashboard, choices),
        range,
        answersOf,
        marks,
        until,
      });
      const page = await browser.newPage({ viewport: { width: WIDTH, height: 200 } });
      await page.setContent(html, { waitUntil: 'load' });
      const png = smallPng(await page.screenshot({ fullPage: true }));
      writeFileSync(join(root, `docs/images/dashboard-${name}.png`), png);
      console.log(`dashboard-${name}.png: ${Math.round(png.length / 1024)} KiB`);
      await page.close();
    }
  } finally {
    await browser.close();
  }
}

function dashboardOf(name) {
  return JSON.parse(readFileSync(join(root, `grafana/influxql/dashboards/healthd-${name}-influxql.json`), 'utf8'));
}

function shownChoices({ templating }, choices) {
  const variables = templating.list.filter(({ type }) => type === 'query');
  return Object.fromEntries(variables.map(({ name, label }) => [label, choices[name] ?? 'All']));
}

/** What Grafana would send. */
function substituted(text, { from, to }, choices) {
  return text
    .replaceAll('$timeFilter', `time >= ${from}ms and time < ${to}ms`)
    .replaceAll('$__interval', '2s')
    .replaceAll(/\$(\w+)/g, (_, name) => choices[name] ?? ALL);
}
