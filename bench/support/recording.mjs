/** Samples of the default inputs as they were collected on a machine, in line protocol. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const healthd = join(import.meta.dirname, '../../dist/cli.js');

/** Runs the built agent with its default inputs at 1 s, and nothing but a file output. The load is for others to make. */
export async function record(path, seconds) {
  const folder = mkdtempSync(join(tmpdir(), 'healthd-bench-'));
  const config = join(folder, 'healthd.yaml');
  writeFileSync(
    config,
    `agent: { interval: 1s, state_dir: ${folder} }
history: false
server: false
outputs: [{ file: { path: ${JSON.stringify(resolve(path))}, format: influx } }]
`,
  );
  const arguments_ = [healthd, 'run', '--config', config, '--log-level', 'warn'];
  const child = spawn(process.execPath, arguments_, { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(child, 'exit');
  try {
    await Promise.race([sleep(1000 * seconds), ended]);
  } finally {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param core with `parseLines`
 * @returns the metrics of each second, in the order of time
 */
export function readRecording(core, path) {
  const bytes = readFileSync(path);
  // A recording that still goes on ends within a line.
  const { metrics, errors } = core.parseLines(bytes.subarray(0, bytes.lastIndexOf('\n') + 1));
  if (errors.length > 0) throw new Error(`${path}: ${errors[0].message}`);
  const gathers = new Map();
  for (const metric of metrics) {
    const all = gathers.get(metric.time);
    if (all === undefined) gathers.set(metric.time, [metric]);
    else all.push(metric);
  }
  return [...gathers].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, all]) => all);
}
