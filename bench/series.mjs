/**
 * Memory when series come and go: 192,000 new ones (400 a second for eight minutes, here ten times as fast), through the
 * whole agent: plain, with a rule about each of them, and with an output that keeps a table of series.
 *
 *   node bench/series.mjs
 *
 * The tables hold 60 MB at most (`src/metric/series.ts`); the rest is garbage, which V8 lets grow to a multiple of what is alive
 * before it collects. Claims are what was measured, with room.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { claimAtMost } from './support/interleave.mjs';
import { residentBytes } from './support/process.mjs';
import { startSink } from './support/sink.mjs';

const SERIES = 192_000;
const CLI = join(import.meta.dirname, '../dist/cli.js');
const INPUT = join(import.meta.dirname, 'support/series-input.mjs');
const RULE = '{ id: each, metric: bench.value, above: { warning: 100 }, for: 1m }';

const sink = await startSink();
/** Most growth in megabytes, by variant. */
const LIMITS = { plain: 240, 'with a rule': 280, 'with remote write': 800 };
const variants = {
  plain: { outputs: '[discard]', rules: '' },
  'with a rule': { outputs: '[discard]', rules: RULE },
  'with remote write': { outputs: `[{ prometheus_remote_write: { url: ${sink.url}/write } }]`, rules: '' },
};
for (const [name, variant] of Object.entries(variants)) {
  const [first, most] = [await peak(variant, 1), await peak(variant, SERIES)];
  console.log(`${name}: ${first.toFixed(0)} MB with one series, ${most.toFixed(0)} MB at most`);
  claimAtMost(`growth, ${name}`, most - first, LIMITS[name], ' MB');
}
await sink.close();

/** Highest resident memory until all series have been seen and ten seconds later. Megabytes. */
async function peak({ outputs, rules }, end) {
  const folder = mkdtempSync(join(tmpdir(), 'healthd-bench-'));
  const config = join(folder, 'healthd.yaml');
  writeFileSync(
    config,
    `agent: { interval: 1s, state_dir: ${join(folder, 'state')} }
inputs: [{ ${INPUT}: { end: ${end} } }]
outputs: ${outputs}
alerts: { defaults: off, rules: [${rules}] }
`,
  );
  const child = spawn(process.execPath, [CLI, 'run', '--config', config], { stdio: ['ignore', 'pipe', 'inherit'] });
  let isDone = false;
  child.stdout.on('data', () => (isDone = true));
  let most = 0;
  for (let left = 10; left > 0 && child.exitCode === null; left -= isDone ? 1 : 0) {
    await sleep(1000);
    most = Math.max(most, residentBytes(child.pid) / 1e6);
  }
  child.kill();
  await new Promise((resolve) => child.once('exit', resolve));
  rmSync(folder, { recursive: true });
  return most;
}
