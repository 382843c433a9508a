/**
 * Whether memory stays flat: the agent with six inputs and an InfluxDB output to a local sink, on a clock that runs a
 * hundred times as fast, over 10,000 gathers of each input. Prints resident memory as a curve.
 *
 *   node bench/memory.mjs [gathers, default 10000]
 *
 * The level is that of a hundred times the work; at one gather a second it is what bench/agent.mjs shows.
 *
 * Claim: flat after the first quarter.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { residentBytes } from './support/process.mjs';
import { startSink } from './support/sink.mjs';

const GATHERS = Number(process.argv[2] ?? 10_000);
const POINTS = 20;
const sink = await startSink();
const child = spawn(
  process.execPath,
  [join(import.meta.dirname, 'support/fast-agent.mjs'), sink.url, String(GATHERS / POINTS)],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);

const curve = [];
child.stdout.setEncoding('utf8').on('data', (text) => {
  for (const line of text.trim().split('\n')) {
    const rss = residentBytes(child.pid) / 1e6;
    curve.push(rss);
    console.log(`${line.padStart(6)} gathers ${rss.toFixed(1).padStart(6)} MB ${'█'.repeat(Math.round(rss / 2))}`);
    if (curve.length === POINTS) child.kill();
  }
});
await new Promise((resolve) => child.on('exit', resolve));
await sink.close();

const quarter = Math.floor(curve.length / 4);
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const [second, last] = [mean(curve.slice(quarter, 2 * quarter)), mean(curve.slice(-quarter))];
console.log(`last quarter / second quarter: ${(last / second).toFixed(3)}; ${sink.received()} bodies`);
