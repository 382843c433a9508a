/**
 * Pictures of the page in docs/images, of the built agent on this machine under real load: `npm run build`, then
 * `node scripts/page-pictures.mjs`. Needs Chromium and sqlite3. As root, programs run in a process namespace of their own, so that the
 * pictures show no others. Takes seven minutes, on a machine that does nothing else.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import { chromium } from 'playwright-core';

import { smallPng } from './render/small-png.mjs';

const root = join(import.meta.dirname, '..');
const images = join(root, 'docs/images');
/** With the load, the five minutes that the pictures show. */
const CALM_MS = 3.5 * 60_000;
const LOAD_MS = 2 * 60_000;
/** Until charts and tables are filled. */
const SETTLE_MS = 4000;
const DESK = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };
const PICTURES = [
  { name: 'page', path: '/?t=5m', viewport: DESK, colorScheme: 'dark' },
  { name: 'page-time', path: '/h/shop-1/time?t=5m', viewport: DESK, colorScheme: 'dark' },
  { name: 'page-alert', path: '/alerts', viewport: DESK, colorScheme: 'light' },
  { name: 'page-phone', path: '/?t=5m', viewport: PHONE, colorScheme: 'dark' },
];

const folder = mkdtempSync(join(tmpdir(), 'healthd-pictures-'));
const port = await freePort();
writeFileSync(join(folder, 'healthd.yaml'), configuration());
const agent = start(`exec ${process.execPath} ${join(root, 'dist/cli.js')} run --config ${folder}/healthd.yaml`);
try {
  await sleep(CALM_MS);
  await takeAll();
} finally {
  // The group: the agent and all of the load. `unshare` ignores a request to end.
  process.kill(-agent.pid, 'SIGKILL');
  await once(agent, 'exit');
  rmSync(folder, { recursive: true, force: true });
}

/** Real work on real data: a table is filled and sorted, logs are packed. */
function load() {
  const sql = `CREATE TABLE orders AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000000)
    SELECT i, hex(randomblob(40)) AS token FROM n; CREATE INDEX by_token ON orders(token);`;
  return [
    `while test -e healthd.yaml; do rm -f orders.db; sqlite3 orders.db "${sql.replace(/\s+/g, ' ')}"; done &`,
    'dd if=/dev/urandom of=access.log bs=1M count=400 status=none;',
    'while test -e healthd.yaml; do gzip -k -c access.log > access.log.gz; done &',
  ].join(' ');
}

function configuration() {
  return `agent: { interval: 1s, hostname: shop-1, state_dir: ${folder}/state }
# Mounts of this machine that are for a while are not shown.
inputs: [cpu, mem, swap, { disk: { mount_points: [/] } }, diskio, net, system, processes, { kernel: { collect: [psi] } }]
outputs: [discard]
server: { listen: '127.0.0.1:${port}' }
notifiers: { on-call: { exec: { command: ['true'] } } }
alerts:
  route: { notify: [on-call] }
  rules:
    - id: cpu_busy
      summary: 'Processors of {{ host }} are {{ value }} busy'
      metric: cpu.usage_idle
      where: { cpu: cpu-total }
      calc: 100 - value
      group_by: []
      window: { of: 15s }
      above: { critical: { at: 90%, clear: 60% } }
      for: 10s
      context: [top_cpu, top_memory]
`;
}

function start(command) {
  const work = `cd ${folder}; (sleep ${CALM_MS / 1000}; ${load()} wait) & ${command}`;
  const isAlone = process.platform === 'linux' && process.getuid?.() === 0;
  const [program, ...args] = isAlone
    ? ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc', 'sh', '-c', work]
    : ['sh', '-c', work];
  return spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'], detached: true });
}

/** Opens one session, which all pictures share. */
async function takeAll() {
  await sleep(LOAD_MS);
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  const context = await browser.newContext();
  const first = await context.newPage();
  await first.goto(await oneTimeAddress());
  // The page is there before the session is.
  while ((await context.cookies()).length === 0) await sleep(100);
  const storageState = await context.storageState();
  for (const { name, path, ...look } of PICTURES) {
    const page = await browser.newPage({ ...look, storageState, locale: 'en-GB', deviceScaleFactor: 1 });
    await page.goto(new URL(path, first.url()).href);
    await page.waitForSelector('.val, .mt .v, .arow, .strip-chart');
    await sleep(SETTLE_MS);
    const file = join(images, `${name}.png`);
    writeFileSync(file, smallPng(await page.screenshot()));
    console.log(`${file}: ${Math.round(statSync(file).size / 1024)} KiB`);
    await page.close();
  }
  await browser.close();
}

async function oneTimeAddress() {
  const cli = [join(root, 'dist/cli.js'), 'status', '--json', '--config', join(folder, 'healthd.yaml')];
  const { stdout } = await promisify(execFile)(process.execPath, cli).catch((error) => error);
  return JSON.parse(stdout).address;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
