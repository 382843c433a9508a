/**
 * What a tick of ten seconds costs in CPU, on clocks that stand still until told to move: a tick takes some 40 ms, in which
 * the CPU rests as often as it does between the ticks of an agent. Counted is the CPU time of this process, all threads.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import { groupsOf } from './draining.mjs';

/** Gathers and flushes; the group of lines is old enough to be a record; it is forced to the disk; the rest. Milliseconds. */
const PHASES = [1, 149, 1100, 8750];
/** What a phase starts has this long to end. Milliseconds. */
const REST_MS = 10;

/** What one host of the usual inputs reports at a tick. */
const LINES = 38;
/** Of different values; then they come again. */
const DISTINCT = 50;

/**
 * @param {Record<string, { tick(): Promise<void> }>} contestants
 * @param {{ rounds: number, ticks: number }} options interleaved runs of so many ticks each
 * @returns {Promise<Record<string, number[]>>} name → microseconds of CPU for a tick, for each round
 */
export async function cpuOfTicks(contestants, { rounds, ticks }) {
  const names = Object.keys(contestants);
  const costs = Object.fromEntries(names.map((name) => [name, /** @type {number[]} */ ([])]));
  // The first two rounds warm up the compiler and are not counted.
  for (let round = -2; round < rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const before = process.cpuUsage();
      for (let tick = 0; tick < ticks; tick += 1) await contestants[name].tick();
      const { user, system } = process.cpuUsage(before);
      if (round >= 0) costs[name].push((user + system) / ticks);
    }
  }
  return costs;
}

/** Only the waiting of a tick. */
export function idleTicks({ manualClock }) {
  const clock = manualClock();
  return { tick: () => passTick(clock), stop: () => Promise.resolve() };
}

/** A whole agent. */
export async function agentTicks(core, journal, state) {
  const clock = core.manualClock();
  const agent = await startAgent(core, journal, state, clock);
  return {
    tick: () => passTick(clock),
    async stop() {
      let isStopped = false;
      void agent.stop().then(() => (isStopped = true));
      while (!isStopped) {
        await sleep(REST_MS);
        clock.advance(100);
      }
    },
  };
}

/**
 * The journal by itself: one host's lines appended, and read by so many outputs.
 *
 * @param disk undefined for one in memory
 */
export async function journalTicks(core, disk, outputs) {
  const clock = core.manualClock();
  const groups = groupsOf(core, DISTINCT, LINES, 1);
  const journal = await core.LineJournal.open({ memoryBytes: 2 ** 26, disk, clock, log: core.silentLog });
  const readers = Array.from({ length: outputs }, (_, i) => journal.reader(`output${i}`));
  if (outputs === 0) journal.reader('idle');
  let ticks = 0;
  return {
    async tick() {
      ticks += 1;
      journal.append(groups[ticks % DISTINCT], LINES);
      await passTick(clock);
      for (const reader of readers) {
        const next = await reader.peek({ lines: 5000, bytes: 2 ** 22 });
        await reader.acknowledge(next.end);
      }
    },
    stop: () => journal.close(),
  };
}

/** The agent of the default inputs, with two outputs that take gzip and are content. */
export async function startAgent({ Agent, builtInPlugins, checkConfig, defineOutput, z }, journal, state, clock) {
  const create = () => ({ write: (batch) => batch.gzip() });
  const plugin = defineOutput({ name: 'content', summary: 'Takes gzip', config: z.strictObject({}), create });
  const file = { agent: { interval: '10s', flush_interval: '10s', state_dir: state }, journal, outputs: ['discard'] };
  const config = await checkConfig(file, { cwd: state, environment: {}, registry: builtInPlugins });
  const outputs = ['one', 'two'].map((alias) => ({ ...config.outputs[0], plugin, alias, fingerprint: alias }));
  const silent = () => undefined;
  const agent = new Agent({
    config: { ...config, outputs },
    clock,
    version: '0',
    environment: {},
    logFor: () => ({ error: console.error, warn: console.warn, info: silent, debug: silent }),
  });
  await agent.start();
  return agent;
}

async function passTick(clock) {
  for (const ms of PHASES) {
    clock.advance(ms);
    await sleep(REST_MS);
  }
}
