/** The Windows build of Node runs healthd under Wine; `smoke.sh` says what. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, test } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../..');
const TIMEOUT_MS = 300_000;

const isAsked = process.env['WINE'] === '1';

(isAsked ? test : test.skip)(
  `healthd runs on Windows, as far as Wine is Windows${isAsked ? '' : ' (needs WINE=1, and wine64, wine and curl)'}`,
  async () => {
    const work = mkdtempSync(join(tmpdir(), 'healthd-wine-'));
    try {
      const smoke = join(import.meta.dirname, 'smoke.sh');
      const { stdout } = await promisify(execFile)(smoke, [ROOT, work], { timeout: TIMEOUT_MS });
      expect(stdout).toMatch(/\nOK\n$/);
      // What it costs.
      process.stdout.write(`Under Wine:\n${stdout}`);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  },
  TIMEOUT_MS,
);
