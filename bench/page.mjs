/**
 * The page in Chromium, on loopback: when the first chart is there after `npm start` and after a navigation, what is loaded until
 * then, tasks that block the page while it is live, and what one open page costs the agent. Needs `npm run build`, and Chromium at
 * /usr/bin/chromium or $CHROMIUM.
 *
 *   node bench/page.mjs [--seconds 60] [--rounds 3]
 *
 * A chart is there when its canvas has pixels in the colour of its first series.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { chromium } from 'playwright-core';

import { median } from './support/compare.mjs';
import { claimAtMost } from './support/interleave.mjs';
import { firstChart, longTasks, watchPage } from './support/page-watch.mjs';
import { cpuSeconds } from './support/process.mjs';

const { values: options } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, rounds: { type: 'string', default: '3' } },
});
/** How long tasks and CPU are watched. */
const WATCHED_MS = Number(options.seconds) * 1000;
const ROUNDS = Number(options.rounds);
const NAVIGATIONS = 11;
/** The live view ends ten seconds after the last viewer has left. */
const LEFT_MS = 15_000;
/** Scripts are compiled, and the live view has begun. */
const SETTLED_MS = 10_000;
const STARTED_WITHIN_MS = 30_000;

const folder = mkdtempSync(join(tmpdir(), 'healthd-bench-'));
const port = await freePort();
const url = `http://127.0.0.1:${port}/`;
const config = join(folder, 'healthd.yaml');
writeFileSync(
  config,
  `agent: { state_dir: ${join(folder, 'state')} }\noutputs: [discard]\nserver: { listen: '127.0.0.1:${port}' }\n`,
);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
try {
  await startsAndFirstVisits();
  await livePage();
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}

/** Each start with an empty state directory and a browser that has nothing of the page. */
async function startsAndFirstVisits() {
  const [starts, visits, bytes, codes] = [[], [], [], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    rmSync(join(folder, 'state'), { recursive: true, force: true });
    const began = performance.now();
    await withAgent(async () => {
      const context = await newContext();
      const page = await context.newPage();
      await page.goto(url, { waitUntil: 'commit' });
      const seen = await firstChart(page);
      starts.push((performance.now() - began) / 1000);
      visits.push(seen.ms);
      bytes.push(seen.bytes / 1024);
      codes.push(seen.codeBytes / 1024);
      await context.close();
    });
  }
  print('starts', starts, ' s');
  claimAtMost('first chart after npm start', median(starts), 2, ' s');
  print('first visits, right after the start', visits, ' ms');
  claimAtMost('scripts and style sheet until the first chart', Math.max(...codes), 60, ' KiB');
  print('all answers until the first chart', bytes, ' KiB');
}

async function livePage() {
  await withAgent(async (pid) => {
    const context = await newContext();
    const page = await context.newPage();
    await page.goto(url);
    await firstChart(page);
    await sleep(SETTLED_MS);
    const times = [];
    for (let index = 0; index < NAVIGATIONS; index += 1) {
      // Of the page to itself, as by a link or a reload; otherwise the time to start a process of the browser is in it.
      await page.goto(`${url}?n=${index}`, { waitUntil: 'commit' });
      times.push((await firstChart(page)).ms);
    }
    print('navigations', times, ' ms');
    claimAtMost('first chart after a navigation', median(times), 150, ' ms');
    await sleep(SETTLED_MS);
    claimAtMost('longest task while live', Math.max(0, ...(await longTasks(page, WATCHED_MS))), 50, ' ms');
    const costs = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const open = await cpuOf(pid);
      await page.goto('about:blank');
      await sleep(LEFT_MS);
      const closed = await cpuOf(pid);
      costs.push(open - closed);
      console.log(`  CPU of the agent: ${open.toFixed(2)} % with the page, ${closed.toFixed(2)} % without`);
      await page.goto(url);
      await sleep(SETTLED_MS);
    }
    claimAtMost('CPU of one open page', median(costs), 2, ' % of a core');
  });
}

/** @param work gets the pid of the agent; npm and a shell are between */
async function withAgent(work) {
  const npm = spawn('npm', ['start', '--', '--config', config, '--log-level', 'warn'], {
    cwd: join(import.meta.dirname, '..'),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(npm, 'exit');
  try {
    await untilReady();
    await work(youngest(npm.pid));
  } finally {
    process.kill(youngest(npm.pid), 'SIGTERM');
    await ended;
  }
}

async function newContext() {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark' });
  await context.addInitScript(watchPage);
  return context;
}

async function untilReady() {
  const deadline = performance.now() + STARTED_WITHIN_MS;
  while (performance.now() < deadline) {
    const isReady = await fetch(`${url}readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return;
    await sleep(10);
  }
  throw new Error(`The agent was not ready within ${STARTED_WITHIN_MS / 1000} s`);
}

/** The end of a chain of processes of which each has started the next. */
function youngest(pid) {
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
  return child === '' ? pid : youngest(Number(child));
}

/** Per cent of a core. */
async function cpuOf(pid) {
  const [before, began] = [cpuSeconds(pid), performance.now()];
  await sleep(WATCHED_MS);
  return (100_000 * (cpuSeconds(pid) - before)) / (performance.now() - began);
}

function print(what, values, unit) {
  const sorted = [...values].sort((a, b) => a - b).map((value) => value.toFixed(unit === ' s' ? 2 : 0));
  console.log(`  ${what}: ${sorted.join(', ')}${unit}`);
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: free } = server.address();
  server.close();
  await once(server, 'close');
  return free;
}
