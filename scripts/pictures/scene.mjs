/**
 * Three agents, a Docker daemon with some containers and an InfluxDB, for a minute or two. The host web1 is this machine;
 * web2 and db1 are played.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { loadSource } from '../load-source.mjs';

const root = join(import.meta.dirname, '../..');
const SECOND = 1000;

/** Share of the scene → how long the queue is from then on. */
const QUEUE = [
  [0, 12],
  [0.2, 160],
  [0.4, 1300],
  [0.6, 210],
  [0.75, 20],
];

const ALERTS = {
  web1: [
    {
      id: 'queue_long',
      summary: 'Queue {{ tags.name }} on {{ host }} has {{ value | round }} entries',
      metric: 'queue.depth',
      group_by: ['name'],
      above: { warning: { at: 100, clear: 50 }, critical: { at: 1000, clear: 500 } },
      for: '0s',
    },
  ],
  web2: [
    limit(
      'disk_filling',
      'disk.used_percent',
      'File system {{ tags.path }} of {{ host }} is {{ value | round }} % full',
      { info: { at: 70, clear: 69 } },
    ),
  ],
  db1: [
    limit(
      'cpu_high',
      'cpu.usage_idle',
      'CPU of {{ host }} is {{ value | round }} % busy',
      { warning: { at: 80, clear: 75 }, critical: { at: 90, clear: 85 } },
      '100 - value',
    ),
    limit('mem_low', 'mem.used_percent', 'Memory of {{ host }} is {{ value | round }} % used', {
      warning: { at: 80, clear: 75 },
    }),
  ],
};

function limit(id, metric, summary, above, calc) {
  return { id, metric, summary, above, for: '0s', ...(calc === undefined ? {} : { calc }) };
}

const REAL = [
  ...['cpu', 'mem', 'swap', 'disk', 'diskio', 'net', 'netstat', 'processes', 'system', 'temp', 'internal'],
  { kernel: { collect: ['psi'] } },
];

/**
 * @param seconds how long it goes on
 * @returns what the databases have then: `query` runs InfluxQL and gives the series; `range` is the time of the scene
 */
export async function playScene(seconds) {
  const folder = mkdtempSync(join(tmpdir(), 'healthd-scene-'));
  const stops = [() => rmSync(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const one of stops.splice(0).reverse()) await one();
  };
  try {
    const { startDocker, startInfluxd, IMAGE } = await loadSource('scripts/pictures/servers.ts');
    const influxd = await startInfluxd();
    stops.push(influxd.stop);
    const docker = await startDocker();
    stops.push(docker.stop);
    await startContainers(docker, IMAGE);
    const queue = join(folder, 'queue.lp');
    const setQueue = (depth) => writeFileSync(queue, `queue,name=mails depth=${depth}\n`);
    setQueue(QUEUE[0][1]);
    const from = Date.now();
    const inputs = {
      web1: [...REAL, { docker: { endpoint: docker.endpoint } }, { exec: { commands: [['cat', queue]] } }],
      web2: [played('web2')],
      db1: [played('db1')],
    };
    for (const host of Object.keys(inputs))
      stops.push(startAgent({ host, folder, url: influxd.url, inputs: inputs[host] }));
    const end = from + seconds * SECOND;
    for (const [share, depth] of QUEUE) {
      await sleep(Math.max(0, from + share * seconds * SECOND - Date.now()));
      setQueue(depth);
      await work((end - from) / QUEUE.length / 3, folder);
    }
    await sleep(Math.max(0, end - Date.now()));
    return {
      query: (text) => query(influxd.url, text),
      range: { from: from + 3 * SECOND, to: Date.now() - SECOND },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function played(name) {
  return {
    exec: { commands: [[process.execPath, join(import.meta.dirname, 'played-host.mjs'), name]], interval: '2s' },
  };
}

function startAgent({ host, folder, url, inputs }) {
  const state = join(folder, host);
  mkdirSync(state);
  const config = join(state, 'healthd.json');
  writeFileSync(
    config,
    JSON.stringify({
      agent: { interval: '1s', flush_interval: '1s', hostname: host, state_dir: state },
      inputs: [...inputs, 'alerts', 'agent_log'],
      outputs: [{ influxdb: { url, database: 'telegraf' } }],
      notifiers: { ops: 'console' },
      alerts: { defaults: 'off', rules: ALERTS[host], route: { group_wait: '0s', group_interval: '1s' } },
    }),
  );
  const child = spawn(process.execPath, [join(root, 'dist/cli.js'), 'run', '--config', config], {
    stdio: ['ignore', 'ignore', process.env.DEBUG === undefined ? 'ignore' : 'inherit'],
  });
  return async () => {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  };
}

/** One is limited in CPU, one in memory, one writes, one has failed. */
async function startContainers({ docker }, image) {
  const run = (name, options, script) =>
    docker('run', '--detach', '--name', name, '--network', 'none', ...options, image, 'sh', '-c', script);
  const busybox = '/bin/busybox';
  await run('web', ['--memory', '64m'], `while :; do i=0; while [ $i -lt 30000 ]; do i=$((i+1)); done; sleep 1; done`);
  await run('worker', ['--cpus', '0.15'], 'while :; do :; done');
  await run(
    'cache',
    ['--memory', '48m'],
    `while :; do ${busybox} dd if=/dev/zero of=/dev/null bs=24M count=40 2>/dev/null; sleep 3; done`,
  );
  await run(
    'db',
    ['--health-cmd', 'test -e /tmp/ready', '--health-interval', '3s'],
    `while :; do ${busybox} dd if=/dev/zero of=/data bs=1M count=12 conv=fsync 2>/dev/null; sleep 4; done`,
  );
  await run('migration', [], 'exit 3');
}

/** A little load. */
async function work(milliseconds, folder) {
  const end = Date.now() + milliseconds;
  while (Date.now() < end) {
    const busy = Date.now() + 80;
    while (Date.now() < busy);
    writeFileSync(join(folder, 'work'), Buffer.alloc(4e6), { flush: true });
    await sleep(100);
  }
}

async function query(url, text) {
  const parameters = new URLSearchParams({ q: text, epoch: 'ms', db: 'telegraf' });
  const answer = await (await fetch(`${url}/query`, { method: 'POST', body: parameters })).json();
  const [{ error = answer.error, series = [] } = {}] = answer.results ?? [];
  if (error !== undefined) throw new Error(`${text}: ${error}`);
  return series;
}
