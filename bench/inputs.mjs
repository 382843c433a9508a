/**
 * How long gathering blocks the event loop, each input by itself and the agent as a whole with all default Linux inputs
 * at 1 s, and how many processes it starts (none); first as the machine is, then with 500 processes more.
 *
 *   node bench/inputs.mjs [seconds for the agent, default 30]
 *
 * Claims: at most 2 ms; at most 5 ms with 500 processes; 0 child processes.
 */
import { spawn } from 'node:child_process';
import { createHook } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

import { builtInPlugins, checkConfig, createAgent } from '../dist/index.js';
import { testInput } from '../dist/testing.js';

const SECONDS = Number(process.argv[2] ?? 30);
const GATHERS = 60;
const DEFAULT_INPUTS = ['cpu', 'mem', 'swap', 'disk', 'diskio', 'net', 'system', 'processes', 'kernel'];
const ALL_INPUTS = [...DEFAULT_INPUTS, 'netstat', 'temp'];

let children = 0;
createHook({ init: (_id, type) => (children += type === 'PROCESSWRAP' ? 1 : 0) }).enable();

await measure('as the machine is');
const crowd = Array.from({ length: 500 }, () => spawn('sleep', ['600'], { stdio: 'ignore' }));
await sleep(2000);
await measure('with 500 processes more');
for (const child of crowd) child.kill();

async function measure(title) {
  children = 0;
  console.log(`\n${title}: longest block of the event loop, median, ms`);
  for (const name of ALL_INPUTS) console.log(`  ${name.padEnd(24)} ${(await blockOfInput(name)).toFixed(2)}`);
  console.log(`  ${'the agent, 9 inputs, 1 s'.padEnd(24)} ${(await blockOfAgent()).toFixed(2)}`);
  console.log(`  child processes started: ${children}`);
}

async function blockOfInput(name) {
  const host = await testInput(await builtInPlugins.find('input', name), {});
  const blocks = [];
  for (let round = 0; round < GATHERS; round += 1) {
    await sleep(5);
    const watch = watchLoop();
    await host.gather();
    blocks.push(watch.longest());
    watch.end();
  }
  await host.stop();
  return median(blocks.slice(20));
}

/** One figure for each second, that is for each gather of all inputs. */
async function blockOfAgent() {
  const silent = () => {};
  const agent = createAgent({
    config: await checkConfig(
      { agent: { interval: '1s' }, inputs: DEFAULT_INPUTS, outputs: ['discard'] },
      { cwd: process.cwd(), environment: {}, registry: builtInPlugins },
    ),
    logFor: () => ({ error: console.error, warn: console.error, info: silent, debug: silent }),
  });
  await agent.start();
  await sleep(5500 - (Date.now() % 1000));
  const watch = watchLoop();
  const blocks = [];
  for (let second = 0; second < SECONDS; second += 1) {
    await sleep(1000);
    blocks.push(watch.longest());
  }
  watch.end();
  await agent.stop();
  return median(blocks);
}

/** Watches an event loop that has nothing else to do: the longest time between two of its turns, since last asked. */
function watchLoop() {
  let longest = 0;
  let last = performance.now();
  let immediate;
  const turn = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    immediate = setImmediate(turn);
  };
  immediate = setImmediate(turn);
  return {
    longest() {
      const seen = Math.max(longest, performance.now() - last);
      longest = 0;
      return seen;
    },
    end: () => clearImmediate(immediate),
  };
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
