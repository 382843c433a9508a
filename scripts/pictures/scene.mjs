/**
 * Two agents, a Docker daemon with some containers and an InfluxDB, for a minute or two. The host web1 is this machine;
 * the other agent plays all others.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { loadSource } from '../load-source.mjs';

import { startContainers } from './containers.mjs';

const root = join(import.meta.dirname, '../..');
const PLAYED_HOSTS = join(import.meta.dirname, 'played-hosts.mjs');
const SECOND = 1000;
/** Ends of the time range; a step of a panel is a part of it. */
const ROUND = 10 * SECOND;

/** Share of the scene → how long the queue is from then on. */
const QUEUE = [
  [0, 12],
  [0.2, 160],
  [0.4, 1300],
  [0.6, 210],
  [0.75, 20],
];

const QUEUE_RULE = {
  id: 'queue_long',
  summary: 'Queue {{ tags.name }} on {{ host }} has {{ value | round }} entries',
  metric: 'queue.depth',
  group_by: ['name'],
  above: { warning: { at: 100, clear: 50 }, critical: { at: 1000, clear: 500 } },
  for: '0s',
};

const PLAYED_RULES = [
  limit('disk_filling', 'disk.used_percent', 'The disk of {{ host }} is {{ value | round }} % full', {
    info: { at: 87, clear: 80 },
  }),
  limit('mem_low', 'mem.used_percent', 'Memory of {{ host }} is {{ value | round }} % used', {
    warning: { at: 88, clear: 80 },
  }),
  {
    ...limit('cpu_high', 'cpu.usage_idle', 'CPU of {{ host }} is {{ value | round }} % busy', {
      warning: { at: 80, clear: 75 },
      critical: { at: 88, clear: 84 },
    }),
    calc: '100 - value',
  },
];

function limit(id, metric, summary, above) {
  return { id, metric, summary, above, for: '0s' };
}

const REAL = [
  ...['cpu', 'mem', 'swap', 'diskio', 'net', 'netstat', 'processes', 'system', 'temp', 'internal'],
  // Not what the Docker daemon mounts.
  { disk: { mount_points: ['/'] } },
  { kernel: { collect: ['psi'] } },
];

/**
 * @param seconds how long it goes on
 * @returns what the databases have then: `query` runs InfluxQL and gives the series; `range` is the time of the scene
 */
export async function playScene(seconds) {
  const folder = mkdtempSync(join(tmpdir(), 'healthd-scene-'));
  const stops = [async () => rmSync(folder, { recursive: true, force: true })];
  const stop = async () => {
    const results = [];
    for (const one of stops.splice(0).reverse()) results.push(...(await Promise.allSettled([one()])));
    const failed = results.find(({ status }) => status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  };
  try {
    const { startDocker, startInfluxd, IMAGE } = await loadSource('scripts/pictures/servers.ts');
    const influxd = await startInfluxd();
    stops.push(influxd.stop);
    const docker = await startDocker();
    stops.push(docker.stop);
    await startContainers(docker, IMAGE, stops);
    const queue = join(folder, 'queue.lp');
    const setQueue = (depth) => writeFileSync(queue, `queue,name=mails depth=${depth}\n`);
    setQueue(QUEUE[0][1]);
    const from = Date.now();
    const agent = { folder, url: influxd.url };
    const own = [...REAL, { docker: { endpoint: docker.endpoint } }, { exec: { commands: [['cat', queue]] } }];
    const others = { exec: { commands: [[process.execPath, PLAYED_HOSTS]] } };
    stops.push(startAgent({ ...agent, host: 'web1', inputs: own, rules: [QUEUE_RULE] }));
    stops.push(startAgent({ ...agent, host: 'others', inputs: [others], rules: PLAYED_RULES }));
    const end = from + seconds * SECOND;
    for (const [share, depth] of QUEUE) {
      await sleep(Math.max(0, from + share * seconds * SECOND - Date.now()));
      setQueue(depth);
      await work((end - from) / QUEUE.length / 3, folder);
    }
    await sleep(Math.max(0, end - Date.now()));
    const range = { from: Math.ceil(from / ROUND) * ROUND, to: Math.floor(Date.now() / ROUND) * ROUND };
    return { query: (text) => query(influxd.url, text), range, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function startAgent({ host, folder, url, inputs, rules }) {
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
      alerts: { defaults: 'off', rules, route: { group_wait: '0s', group_interval: '1s' } },
    }),
  );
  const child = spawn(process.execPath, [join(root, 'dist/cli.js'), 'run', '--config', config], {
    stdio: ['ignore', 'ignore', process.env.DEBUG === undefined ? 'ignore' : 'inherit'],
  });
  const ended = once(child, 'exit');
  return async () => {
    child.kill('SIGTERM');
    await ended;
  };
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
