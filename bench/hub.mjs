/**
 * A hub with many agents: CPU, memory, the fleet's answer, and how soon a host that falls silent is down. History and stock rules
 * are on; the agents are simulated in a process of their own, on loopback, with the default settings of a hub. Needs `npm run build`.
 *
 *   node bench/hub.mjs [--agents 500] [--seconds 120]
 *
 * Claims, for 500 agents with 300 fields each ten seconds: at most 35 % of a core and 400 MB, the fleet within 100 ms, a silent host down
 * within five seconds of its time.
 */
import { execFileSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { claimAtMost, percentile } from './support/interleave.mjs';
import { cpuSeconds, mainThreadSeconds, residentBytes } from './support/process.mjs';

const { values: options } = parseArgs({
  options: { agents: { type: 'string', default: '500' }, seconds: { type: 'string', default: '120' } },
});
const [AGENTS, SECONDS] = [Number(options.agents), Number(options.seconds)];
const PORT = 21_000 + Math.floor(Math.random() * 9000);
const DOWN_MS = 45_000;
const CLI = join(import.meta.dirname, '../dist/cli.js');
const folder = mkdtempSync(join(tmpdir(), 'healthd-bench-'));
const config = join(folder, 'healthd.yaml');
writeFileSync(
  config,
  `agent: { state_dir: ${join(folder, 'state')} }\noutputs: [discard]\nhub: {}\nserver: { listen: '127.0.0.1:${PORT}' }\n`,
);
const hub = spawn(process.execPath, [CLI, 'run', '--config', config, '--log-level', 'warn'], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
const url = `http://127.0.0.1:${PORT}`;
let agents;
try {
  while (!(await isReady())) await sleep(100);
  const made = healthd('hub', 'token', 'create', '--uses', String(AGENTS), '--json');
  const token = JSON.parse(made).join.split('#')[1];
  agents = fork(join(import.meta.dirname, 'support/hub-agents.mjs'), [url, token, String(AGENTS)]);
  const began = performance.now();
  await once(agents, 'message');
  console.log(`${AGENTS} agents joined in ${((performance.now() - began) / 1000).toFixed(1)} s`);
  await sleep(30_000);
  await measure();
  await silence();
} finally {
  agents?.kill();
  if (hub.exitCode === null && hub.kill('SIGTERM')) await once(hub, 'exit');
  rmSync(folder, { recursive: true, force: true });
}

async function measure() {
  const before = { at: performance.now(), cpu: cpuSeconds(hub.pid), main: mainThreadSeconds(hub.pid) };
  const [fleet, memory] = [[], []];
  const lines = (await totals()).lines;
  for (let at = 0; at < SECONDS; at += 1) {
    await sleep(1000);
    const asked = performance.now();
    await (await fetch(`${url}/api/v1/fleet`)).json();
    fleet.push(performance.now() - asked);
    memory.push(residentBytes(hub.pid) / 1e6);
  }
  const seconds = (performance.now() - before.at) / 1000;
  const after = await totals();
  const share = (used) => (100 * used) / seconds;
  console.log(
    `${((after.lines - lines) / seconds).toFixed(0)} lines a second, ${after.failed} requests failed, ${after.late} late`,
  );
  console.log(`main thread ${share(mainThreadSeconds(hub.pid) - before.main).toFixed(1)} % of a core`);
  claimAtMost('CPU of the hub', share(cpuSeconds(hub.pid) - before.cpu), 35, ' % of a core');
  claimAtMost('resident memory', Math.max(...memory), 400, ' MB');
  claimAtMost('the fleet, 95 % of answers', percentile(fleet, 0.95), 100, ' ms');
}

/** One host falls silent. */
async function silence() {
  agents.send({ quiet: 0 });
  const from = performance.now();
  while ((await presenceOf('host-0000')) !== 'down') await sleep(200);
  // Its last heartbeat was up to five seconds before.
  claimAtMost('a silent host is down after its time', (performance.now() - from - DOWN_MS) / 1000, 5, ' s');
}

async function presenceOf(name) {
  const { hosts } = await (await fetch(`${url}/api/v1/fleet`)).json();
  return hosts.find((host) => host.name === name)?.presence;
}

async function totals() {
  agents.send({});
  const [answer] = await once(agents, 'message');
  return answer;
}

async function isReady() {
  return fetch(`${url}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );
}

function healthd(...args) {
  return execFileSync(process.execPath, [CLI, ...args, '--config', config], { encoding: 'utf8', stdio: 'pipe' });
}
