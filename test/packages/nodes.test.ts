/** The program under each version of Node that is supported, from npm. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, chownSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect } from '@jest/globals';

import { expectLive } from './live.ts';
import { missing, packageTest } from './machine.ts';

const root = join(import.meta.dirname, '../..');
const NOBODY = 65_534;
const folder = mkdtempSync(join(tmpdir(), 'healthd-nodes-'));
const prefix = join(folder, 'prefix');

beforeAll(() => {
  if (missing().length > 0) return;
  chmodSync(folder, 0o755);
  const out = join(folder, 'release');
  const env = { ...process.env, RELEASE_DIR: out };
  execFileSync(process.execPath, [join(root, 'scripts/release/release.mjs'), 'npm'], { env, stdio: 'pipe' });
  const args = ['install', '--global', '--prefix', prefix, '--ignore-scripts', '--no-audit', '--no-fund'];
  execFileSync('sh', ['-c', `npm ${args.join(' ')} ${out}/*.tgz`], { stdio: 'pipe' });
}, 200_000);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe.each(['22', '24', '26'])('Node %s', (major) => {
  packageTest('runs healthd: page, TypeScript plugin, history over a restart, sql', async () => {
    const home = mkdtempSync(join(folder, 'node-'));
    // Where everybody may run it.
    const node = join(home, 'node');
    const source = execFileSync(process.execPath, [join(root, 'scripts/release/node.mjs'), major], {
      encoding: 'utf8',
    });
    execFileSync('cp', [join(source.trim(), 'bin/node'), node]);
    expect(execFileSync(node, ['--version'], { encoding: 'utf8' })).toMatch(new RegExp(`^v${major}\\.`));
    const state = join(home, 'state');
    mkdirSync(state);
    chownSync(state, NOBODY, NOBODY);
    chmodSync(home, 0o755);
    const user = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
    const outside = join(home, 'live');
    const script = join(prefix, 'lib/node_modules/healthd/dist/cli.js');
    await expectLive({ command: [...user, node, script], outside, inside: outside, state });
  });
});
