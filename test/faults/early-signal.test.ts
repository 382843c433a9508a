import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { expect, test } from '@jest/globals';

import { startCli } from '../support/kit/cli.ts';

/** How long a bare Node takes to run its first line here. Milliseconds. */
async function startOfNode(): Promise<number> {
  const begun = performance.now();
  await new Promise((resolve) => spawn(process.execPath, ['-e', '0']).once('exit', resolve));
  return performance.now() - begun;
}

test('F-022: SIGHUP while the agent starts does not end it; the reload follows the start', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'healthd-early-'));
  const config = join(folder, 'healthd.yaml');
  writeFileSync(config, `agent: { state_dir: ${join(folder, 'state')} }\ninputs: [mem]\noutputs: [discard]\n`);
  const wait = (await startOfNode()) + 30;
  const cli = startCli(['run', '--config', config]);
  try {
    await sleep(wait);
    // Many, so that some arrive before the configuration is read and some while the agent starts.
    while (!cli.stderr().includes('Started') && cli.child.exitCode === null && cli.child.signalCode === null) {
      cli.child.kill('SIGHUP');
      await sleep(10);
    }
    await cli.until('Reloaded');
    expect(await cli.end()).toMatchObject({ code: 0 });
  } finally {
    await cli.end('SIGKILL');
    rmSync(folder, { recursive: true });
  }
});
