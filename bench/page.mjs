/**
 * The page in Chromium, on loopback: what is loaded until the first chart, when it is there after `healthd run` and after a
 * navigation, long tasks while it is live, and what one open page costs the agent. Needs `npm run build`, and Chromium at
 * /usr/bin/chromium or $CHROMIUM.
 *
 *   node bench/page.mjs [--seconds 60]
 *
 * Claims: 60 KB gzip until the first chart, which is there 2 s after the start of a built tree and 150 ms after a navigation; no task
 * over 50 ms; 2 % of a core for an open page.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { chromium } from 'playwright-core';

import { median } from './support/compare.mjs';
import { claimAtMost } from './support/interleave.mjs';
import { cpuSeconds } from './support/process.mjs';

const { values: options } = parseArgs({ options: { seconds: { type: 'string', default: '60' } } });
const SECONDS = Number(options.seconds);
const NAVIGATIONS = 9;
const PORT = 21_000 + Math.floor(Math.random() * 9000);
const URL = `http://127.0.0.1:${PORT}/`;
/** A chart with values: the page's own mark of the first one. */
const FIRST_CHART = () =>
  document.querySelector('.chart canvas') !== null &&
  [...document.querySelectorAll('.val, .mt .v')].some((value) => /\d/.test(value.textContent));

const folder = mkdtempSync(join(tmpdir(), 'healthd-bench-'));
const config = join(folder, 'healthd.yaml');
writeFileSync(
  config,
  `agent: { state_dir: ${join(folder, 'state')} }\noutputs: [discard]\nserver: { listen: '127.0.0.1:${PORT}' }\n`,
);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
const started = performance.now();
const agent = spawn(
  process.execPath,
  [join(import.meta.dirname, '../dist/cli.js'), 'run', '--config', config, '--log-level', 'warn'],
  {
    stdio: ['ignore', 'ignore', 'inherit'],
  },
);
try {
  let page = await newPage();
  while (!(await answers())) await sleep(20);
  const sizes = [];
  page.on('response', (response) => sizes.push(bytesOf(response)));
  await page.goto(URL);
  await page.waitForFunction(FIRST_CHART, undefined, { polling: 'raf' });
  const first = (performance.now() - started) / 1000;
  // What comes later is not waited for.
  const loaded = (await Promise.all(sizes.slice())).reduce((sum, size) => sum + size, 0);
  console.log(`${(loaded / 1000).toFixed(1)} kB came over the wire until the first chart`);
  claimAtMost('first chart after the start of the agent', first, 2, ' s');
  // The agent has its first minute behind it.
  await sleep(20_000);
  await page.close();
  claimAtMost('first chart after a navigation', median(await navigations()), 150, ' ms');
  page = await newPage();
  await page.goto(URL);
  await sleep(5000);
  const long = await longTasks(page);
  claimAtMost('longest task while live', Math.max(0, ...long), 50, ' ms');
  const open = await agentCpu();
  await page.close();
  await sleep(20_000);
  claimAtMost('CPU of one open page', open - (await agentCpu()), 2, ' % of a core');
} finally {
  await browser.close();
  if (agent.exitCode === null && agent.kill('SIGTERM')) await once(agent, 'exit');
  rmSync(folder, { recursive: true, force: true });
}

async function navigations() {
  const times = [];
  for (let index = 0; index < NAVIGATIONS; index += 1) {
    const page = await newPage();
    await page.goto(URL, { waitUntil: 'commit' });
    await page.waitForFunction(FIRST_CHART, undefined, { polling: 'raf' });
    times.push(await page.evaluate(() => performance.now()));
    await page.close();
  }
  return times;
}

function newPage() {
  return browser.newPage({ viewport: { width: 1440, height: 900 } });
}

/** Over as many seconds as asked for. @returns ms of each */
function longTasks(page) {
  return page.evaluate(
    (ms) =>
      new Promise((resolve) => {
        const found = [];
        const observer = new PerformanceObserver((list) =>
          found.push(...list.getEntries().map(({ duration }) => duration)),
        );
        observer.observe({ type: 'longtask' });
        setTimeout(() => resolve(found), ms);
      }),
    SECONDS * 1000,
  );
}

/** Per cent of a core. */
async function agentCpu() {
  const before = cpuSeconds(agent.pid);
  await sleep(SECONDS * 1000);
  return (100 * (cpuSeconds(agent.pid) - before)) / SECONDS;
}

/** As they came, compressed. Of a response that has no more to say, nothing. */
async function bytesOf(response) {
  try {
    return (await response.request().sizes()).responseBodySize;
  } catch {
    return 0;
  }
}

function answers() {
  return fetch(`${URL}readyz`).then(
    ({ ok }) => ok,
    () => false,
  );
}
