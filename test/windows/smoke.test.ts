/** The Windows build of Node runs healthd under Wine; `smoke.sh` says what. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect } from '@jest/globals';

import { testWith } from '../support/servers/real-server.ts';

const ROOT = join(import.meta.dirname, '../..');
/** It takes about a minute and a half on an idle machine of two cores. */
const TIMEOUT_MS = 900_000;

const wineTest = testWith({ binary: 'wine', package: 'wine, and wine64' }, { binary: 'curl', package: 'curl' });

wineTest(
  'W-001, W-003, W-012, W-020: healthd runs on Windows, as far as Wine is Windows',
  async () => {
    const work = mkdtempSync(join(tmpdir(), 'healthd-wine-'));
    try {
      const smoke = join(import.meta.dirname, 'smoke.sh');
      const { stdout } = await promisify(execFile)(smoke, [ROOT, work], { timeout: TIMEOUT_MS - 30_000 }).catch(
        (error: unknown) => {
          const { stdout: said = '', stderr = '' } = error as { readonly stdout?: string; readonly stderr?: string };
          throw new Error(`The smoke test has failed:\n${said}${stderr}`, { cause: error });
        },
      );
      expect(stdout).toMatch(/\nOK\n$/);
      // What it costs.
      process.stdout.write(`Under Wine:\n${stdout}`);
    } finally {
      // wineserver writes the registry after the last process.
      rmSync(work, { recursive: true, force: true, maxRetries: 20, retryDelay: 500 });
    }
  },
  TIMEOUT_MS,
);
