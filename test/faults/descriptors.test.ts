import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { CLI } from '../support/kit/cli.ts';
import { waitFor } from '../support/servers/real-server.ts';

test('F-020: an agent with too few descriptors for its programs reports that and goes on gathering', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'healthd-descriptors-'));
  const [config, path] = [join(folder, 'healthd.yaml'), join(folder, 'metrics.lp')];
  // All at once they would need 72 descriptors.
  const programs = (alias: string) =>
    `{ exec: { alias: ${alias}, data_format: influx, commands: [${`[sh, -c, 'sleep 0.2; echo program v=1'],`.repeat(4)}] } }`;
  const inputs = ['mem', ...['a', 'b', 'c', 'd', 'e', 'f'].map(programs)].join(', ');
  writeFileSync(
    config,
    `agent: { interval: 1s, flush_interval: 200ms, state_dir: ${join(folder, 'state')} }
inputs: [${inputs}]
outputs: [{ file: { path: ${path} } }]
`,
  );
  const limited = ['-c', 'ulimit -n 64; exec "$0" "$1" run --config "$2"', process.execPath, CLI, config];
  const child = spawn('bash', limited, { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  try {
    await waitFor(() => log.includes('Gather failed: Cannot run sh: too many open files'));
    const text = () => (existsSync(path) ? readFileSync(path, 'utf8') : '');
    const count = () => text().match(/^mem,/gm)?.length ?? 0;
    const before = count();
    await waitFor(() => count() >= before + 3);
    expect(readFileSync(path, 'utf8')).toMatch(/^program,/m);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  } finally {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true });
  }
});
