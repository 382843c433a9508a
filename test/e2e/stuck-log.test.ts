import { execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { CLI } from '../support/kit/cli.ts';
import { waitFor } from '../support/servers/real-server.ts';

/** The write end of a full pipe without a reader. */
function fullPipe(path: string): { readonly fd: number; close(): void } {
  execFileSync('mkfifo', [path]);
  const filler = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  try {
    for (;;) writeSync(filler, Buffer.alloc(4096));
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe('EAGAIN');
  }
  const fd = openSync(path, constants.O_RDWR);
  return {
    fd,
    close: () => {
      closeSync(fd);
      closeSync(filler);
    },
  };
}

test('a daemon whose log is stuck goes on gathering and sending, and stops on SIGTERM', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'healthd-stuck-'));
  const pipe = fullPipe(join(folder, 'log'));
  const [config, path] = [join(folder, 'healthd.yaml'), join(folder, 'metrics.lp')];
  writeFileSync(
    config,
    `agent: { interval: 100ms, flush_interval: 100ms, state_dir: ${join(folder, 'state')} }
log: { level: debug }
inputs: [mem, { exec: { commands: [['false']] } }]
outputs: [{ file: { path: ${path} } }]
`,
  );
  const child = spawn(process.execPath, [CLI, 'run', '--config', config], { stdio: ['ignore', 'ignore', pipe.fd] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  try {
    await waitFor(() => statSync(path).size > 10_000);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  } finally {
    child.kill('SIGKILL');
    await ended;
    pipe.close();
    rmSync(folder, { recursive: true });
  }
});
