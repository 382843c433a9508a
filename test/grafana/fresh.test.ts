/** `grafana/` matches the output of the generator. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

test('the files in grafana/ are up to date', () => {
  const script = join(import.meta.dirname, '../../scripts/grafana.mjs');
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
});
