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
import { setTimeout as sleep } from 'node:timers/promises';

import { builtInPlugins } from '../dist/index.js';
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
  for (let warmUp = 0; warmUp < 50; warmUp += 1) await gatherAll(inputs);
  watchChildren.enable();
  children = 0;
  console.log(`\n${title}: longest block of the event loop in one gather, median of ${GATHERS}, ms`);
  for (const input of inputs) console.log(`  ${input.name.padEnd(22)} ${(await longestBlock([input])).toFixed(3)}`);
  console.log(`  ${'all in the same moment'.padEnd(22)} ${(await longestBlock(inputs)).toFixed(3)}`);
  watchChildren.disable();
  console.log(`  child processes started: ${children}`);
}

function gatherAll(some) {
  return Promise.all(some.map(({ host }) => host.gather()));
}

/** The longest time between two turns of an event loop that has nothing else to do. */
async function longestBlock(some) {
  const blocks = [];
  for (let round = 0; round < GATHERS; round += 1) {
    await sleep(5);
    let longest = 0;
    let last = performance.now();
    let spinning = true;
    const turn = () => {
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
      if (spinning) setImmediate(turn);
    };
    setImmediate(turn);
    await gatherAll(some);
    spinning = false;
    await sleep(0);
    blocks.push(longest);
  }
  return blocks.sort((a, b) => a - b)[Math.floor(blocks.length / 2)];
}
