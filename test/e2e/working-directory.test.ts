import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { startCli } from '../support/kit/cli.ts';

test('a daemon without a configuration writes nothing to the working directory', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'healthd-cwd-'));
  try {
    const changed = statSync(folder).mtimeMs;
    const cli = startCli(['run'], { cwd: folder });
    await cli.until('Started');
    // The lines are written at the end, whatever the interval.
    const { code, stdout, stderr } = await cli.end();
    expect(stderr).toContain('No configuration found');
    expect(stdout).toMatch(/^mem,.* total=\d+i,/m);
    expect(code).toBe(0);
    expect(readdirSync(folder)).toEqual([]);
    // A file written and removed again would have changed the mtime.
    expect(statSync(folder).mtimeMs).toBe(changed);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
