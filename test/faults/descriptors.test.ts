import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { CLI } from '../support/kit/cli.ts';
import { waitFor } from '../support/servers/real-server.ts';

let folder: string;
let child: ChildProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-descriptors-'));
});

afterEach(() => {
  child?.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** With 96 descriptors; about 60 are in use before a program is started. */
function start(sections: string): { readonly log: () => string; readonly stop: () => Promise<unknown> } {
  const config = join(folder, 'healthd.yaml');
  writeFileSync(
    config,
    `agent: { interval: 1s, flush_interval: 200ms, state_dir: ${join(folder, 'state')} }
outputs: [{ file: { path: ${join(folder, 'metrics.lp')} } }]
${sections}`,
  );
  const limited = ['-c', 'ulimit -n 96; exec "$0" "$1" run --config "$2"', process.execPath, CLI, config];
  const started = spawn('bash', limited, { stdio: ['ignore', 'ignore', 'pipe'] });
  child = started;
  const ended = new Promise((resolve) => started.once('exit', resolve));
  let log = '';
  started.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  const stop = () => {
    started.kill('SIGTERM');
    return ended;
  };
  return { log: () => log, stop };
}

function metrics(): string {
  const path = join(folder, 'metrics.lp');
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

async function gathersOn(): Promise<void> {
  const count = () => metrics().match(/^mem,/gm)?.length ?? 0;
  const before = count();
  await waitFor(() => count() >= before + 3, { timeout: 40_000 });
}

test('F-020: an agent with too few descriptors for its programs reports that and goes on gathering', async () => {
  // All at once they would need 72 descriptors.
  const programs = (alias: string) =>
    `{ exec: { alias: ${alias}, data_format: influx, commands: [${`[sh, -c, 'sleep 0.2; echo program v=1'],`.repeat(4)}] } }`;
  const inputs = ['mem', ...['a', 'b', 'c', 'd', 'e', 'f'].map(programs)].join(', ');
  const agent = start(`inputs: [${inputs}]`);
  await waitFor(() => agent.log().includes('Gather failed: Cannot run sh: too many open files'), { timeout: 30_000 });
  await gathersOn();
  expect(metrics()).toMatch(/^program,/m);
  expect(await agent.stop()).toBe(0);
}, 120_000);

test('F-021: with too few descriptors for its notifiers it notifies later, and goes on gathering', async () => {
  const names = Array.from({ length: 24 }, (_, index) => `n${index}`);
  const notified = () => names.filter((name) => existsSync(join(folder, name)));
  const program = (name: string) => `[sh, -c, 'cat >/dev/null; sleep 0.5; touch ${join(folder, name)}']`;
  const agent = start(`inputs: [mem]
notifiers: { ${names.map((name) => `${name}: { exec: { command: ${program(name)} } }`).join(', ')} }
alerts: { defaults: off, route: { group_wait: 0s }, rules: [{ id: low, metric: mem.used_percent, above: { critical: 0 } }] }
`);
  await waitFor(() => agent.log().includes('Cannot run sh: too many open files'), { timeout: 30_000 });
  await gathersOn();
  await waitFor(() => notified().length === names.length, { timeout: 60_000 });
  expect(await agent.stop()).toBe(0);
}, 120_000);
