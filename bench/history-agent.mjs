/**
 * What the history and the server cost an agent that nobody looks at: CPU and memory of two agents with the default inputs and
 * `discard`, one of them with `history: false, server: false`, side by side.
 *
 *   node bench/history-agent.mjs [--minutes 10] [--interval 10]
 *
 * Counts from the second minute on. Claims: at most 1.3 times the CPU and 25 MB more memory.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { median } from './support/compare.mjs';
import { claimAtMost } from './support/interleave.mjs';
import { cpuSeconds, mainThreadSeconds, residentBytes } from './support/process.mjs';

const { values: options } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, interval: { type: 'string', default: '10' } },
});
const MINUTES = Number(options.minutes);
const STEP_MS = 10_000;

const folder = mkdtempSync(join(tmpdir(), 'healthd-bench-'));
const agents = [
  start('with history and server', 'server: { listen: "127.0.0.1:0" }'),
  start('without', 'history: false\nserver: false'),
];
try {
  for (let at = 0; at <= MINUTES * 60_000; at += STEP_MS) {
    for (const { child, samples } of agents) {
      const { pid } = child;
      samples.push({ at, cpu: cpuSeconds(pid), main: mainThreadSeconds(pid), resident: residentBytes(pid) / 1e6 });
    }
    await sleep(STEP_MS);
  }
  const [ours, bare] = agents.map(report);
  claimAtMost('CPU with / without', ours.cpu / bare.cpu, 1.3);
  claimAtMost('more resident memory', ours.resident - bare.resident, 25, ' MB');
} finally {
  for (const { child } of agents) if (child.exitCode === null && child.kill('SIGTERM')) await once(child, 'exit');
  rmSync(folder, { recursive: true, force: true });
}

function start(name, sections) {
  const state = join(folder, name.replaceAll(' ', '-'));
  mkdirSync(state);
  const config = join(state, 'healthd.yaml');
  writeFileSync(
    config,
    `agent: { interval: ${options.interval}s, state_dir: ${state} }\noutputs: [discard]\n${sections}\n`,
  );
  const arguments_ = [join(import.meta.dirname, '../dist/cli.js'), 'run', '--config', config, '--log-level', 'warn'];
  const child = spawn(process.execPath, arguments_, { stdio: ['ignore', 'ignore', 'inherit'] });
  return { name, child, samples: [] };
}

function report({ name, samples }) {
  const counted = samples.filter(({ at }) => at >= Math.min(60_000, (MINUTES * 60_000) / 4));
  const [first, last] = [counted[0], counted.at(-1)];
  const share = (key) => (100_000 * (last[key] - first[key])) / (last.at - first.at);
  const figures = { cpu: share('cpu'), main: share('main'), resident: median(counted.map((each) => each.resident)) };
  console.log(
    `${name.padEnd(26)} ${figures.cpu.toFixed(3)} % of a core, main thread ${figures.main.toFixed(3)} %, ` +
      `${figures.resident.toFixed(1)} MB`,
  );
  return figures;
}
