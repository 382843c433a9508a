/**
 * How long one gather of all default Linux inputs blocks the event loop, and how many processes it starts (none), first
 * as the machine is, then with 500 processes more.
 *
 *   node bench/inputs.mjs [gathers, default 200]
 *
 * Claims: at most 2 ms; at most 5 ms with 500 processes; 0 child processes.
 */
import { spawn } from 'node:child_process';
import { createHook } from 'node:async_hooks';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

import { builtInPlugins } from '../dist/registry/registry.js';
import { testInput } from '../dist/testing.js';

const GATHERS = Number(process.argv[2] ?? 200);
const NAMES = ['cpu', 'mem', 'swap', 'disk', 'diskio', 'net', 'netstat', 'system', 'processes', 'kernel', 'temp'];

let children = 0;
const watchChildren = createHook({ init: (_id, type) => (children += type === 'PROCESSWRAP' ? 1 : 0) });
const inputs = await Promise.all(
  NAMES.map(async (name) => ({ name, host: await testInput(await builtInPlugins.find('input', name), {}) })),
);

await measure('as the machine is');
const crowd = Array.from({ length: 500 }, () => spawn('sleep', ['600'], { stdio: 'ignore' }));
await sleep(1000);
await measure('with 500 processes more');
for (const child of crowd) child.kill();

async function measure(title) {
  const longest = new Map();
  for (const { host } of inputs) for (let warmUp = 0; warmUp < 20; warmUp += 1) await host.gather();
  watchChildren.enable();
  children = 0;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  for (const { name, host } of inputs) {
    const blocks = [];
    for (let round = 0; round < GATHERS; round += 1) {
      delay.reset();
      delay.enable();
      await sleep(3);
      const started = performance.now();
      const gathering = host.gather();
      const synchronous = performance.now() - started;
      await gathering;
      await sleep(1);
      delay.disable();
      // The timer's own period is part of what the histogram shows.
      blocks.push(Math.max(synchronous, delay.max / 1e6 - 2));
    }
    blocks.sort((a, b) => a - b);
    longest.set(name, blocks[Math.floor(blocks.length / 2)]);
  }
  watchChildren.disable();
  const total = [...longest.values()].reduce((sum, ms) => sum + ms, 0);
  console.log(`\n${title}: longest block of a gather, median of ${GATHERS}, ms`);
  for (const [name, ms] of longest) console.log(`  ${name.padEnd(10)} ${ms.toFixed(3)}`);
  console.log(`  all        ${total.toFixed(3)}; child processes started: ${children}`);
}
