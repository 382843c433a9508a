import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { startCli, type RunningCli } from '../support/kit/cli.ts';

let folder: string;
let cli: RunningCli | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'healthd-hang-'));
  // A FIFO without a writer: open does not return, like statfs of a dead mount.
  execFileSync('mkfifo', [join(folder, 'fifo')]);
  writeFileSync(join(folder, 'hang.ts'), plugin(`await open(${JSON.stringify(join(folder, 'fifo'))})`));
  writeFileSync(
    join(folder, 'names.ts'),
    plugin('for (let i = 0; i < 4000; i += 1) lookup(`${i}.healthd.invalid`).catch(() => undefined)'),
  );
});

afterEach(async () => {
  await cli?.end('SIGKILL');
  rmSync(folder, { recursive: true });
});

const plugin = (gather: string) => `
import { lookup } from 'node:dns/promises';
import { open } from 'node:fs/promises';
import { defineInput, z } from 'healthd/plugin';
let isFirst = true;
export const hang = defineInput({
  name: 'hang',
  summary: 'Leaves system calls behind',
  config: z.strictObject({}),
  metrics: {},
  create: () => ({
    async gather() {
      if (!isFirst) return;
      isFirst = false;
      ${gather};
    },
  }),
});
`;

function start(command: string, input: string, stopTimeout: string): RunningCli {
  const config = join(folder, 'healthd.yaml');
  writeFileSync(
    config,
    `agent: { interval: 500ms, flush_interval: 100ms, stop_timeout: ${stopTimeout}, state_dir: ${join(folder, 'state')} }
inputs: [mem, ${input}]
outputs: [{ file: { path: ${join(folder, 'metrics.lp')} } }]
`,
  );
  cli = startCli([command, '--config', config]);
  return cli;
}

async function elapsed(work: Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work;
  return performance.now() - started;
}

test('C-007: with a system call that hangs, run stops and ends, by the signal that asked for it', async () => {
  const daemon = start('run', './hang.ts', '1s');
  await daemon.until('Started');
  daemon.child.kill('SIGTERM');
  await daemon.until('[agent] Stopped');
  expect(await elapsed(daemon.finished)).toBeLessThan(2000);
  expect(daemon.child.signalCode).toBe('SIGTERM');
  expect(daemon.stderr()).toMatch(/1 system calls or name look-ups have not returned; the process ends by SIGTERM\n$/);
  expect(readFileSync(join(folder, 'metrics.lp'), 'utf8')).toMatch(/^mem,/m);
});

test('C-007: with a system call that hangs, once prints everything and ends', async () => {
  const once = start('once', './hang.ts', '1s');
  await once.until(/^mem,.*\n/m);
  expect(await elapsed(once.finished)).toBeLessThan(5000);
  expect(once.child.signalCode).toBe('SIGKILL');
  expect(once.stdout()).toMatch(/^mem,.*\n$/);
});

test('C-007: a second SIGTERM ends a stop that takes long, also with a system call that hangs', async () => {
  const daemon = start('run', './hang.ts', '60s');
  await daemon.until('Started');
  daemon.child.kill('SIGTERM');
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(daemon.child.exitCode).toBeNull();
  daemon.child.kill('SIGTERM');
  expect(await elapsed(daemon.finished)).toBeLessThan(1000);
});

test('C-008: names that are still being looked up do not keep the process', async () => {
  const daemon = start('run', './names.ts', '5s');
  await daemon.until('Started');
  daemon.child.kill('SIGTERM');
  await daemon.until('[agent] Stopped');
  expect(await elapsed(daemon.finished)).toBeLessThan(2000);
});
