/**
 * Records the state directory of the version at hand, as it is after a `kill -9`: a journal with lines that were sent and lines that
 * were not, cursors, a firing alert with its ledger, a silence, dead letters. Run by `npm run record:state` before each release.
 */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { healthdVersion } from '../../src/version.ts';
import { startCli } from '../support/kit/cli.ts';
import { waitFor } from '../support/servers/real-server.ts';

import { openScene } from './scene.ts';

export async function recordState(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'healthd-record-'));
  const scene = await openScene(folder);
  const cli = startCli(['run', '--config', scene.config], { cwd: folder });
  try {
    await waitFor(() => scene.stored.length > 2, { timeout: 30_000 });
    scene.setLevel(90, true);
    await waitFor(() => scene.hooks.some((body) => body.includes('level_high')), { timeout: 30_000 });
    await cli.until('Lines were refused', 30_000);
    const silence = [
      'silence',
      'add',
      '--config',
      scene.config,
      '--for',
      '1800d',
      '--comment',
      'kept',
      'host=elsewhere',
    ];
    const { code, stderr } = await startCli(silence, { cwd: folder }).finished;
    if (code !== 0) throw new Error(stderr);
    scene.setLevel(90);
    await sleep(2500);
    scene.isDown = true;
    await sleep(4000);
  } finally {
    await cli.end('SIGKILL');
    await scene.close();
  }
  const target = join(import.meta.dirname, `state-${healthdVersion()}`);
  rmSync(target, { recursive: true, force: true });
  cpSync(scene.state, target, { recursive: true, filter: (path) => !/(?:lock|\.sock)$/.test(path) });
  writeFileSync(
    join(target, 'expected.json'),
    `${JSON.stringify({ stored: scene.stored, hooks: scene.hooks, recordedAt: Date.now() }, null, 2)}\n`,
  );
  rmSync(folder, { recursive: true });
  return target;
}
