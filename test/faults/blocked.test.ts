import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { startCli } from '../support/kit/cli.ts';

const PLUGIN = `
import { defineInput, z } from 'healthd/plugin';
export const spin = defineInput({
  name: 'spin',
  summary: 'Blocks',
  config: z.strictObject({}),
  metrics: {},
  create: () => ({
    gather() {
      for (;;);
    },
  }),
});
`;

test('U-003: healthd run names the plugin that blocks it, with file and line', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'healthd-blocked-'));
  const config = join(folder, 'healthd.yaml');
  writeFileSync(join(folder, 'spin.ts'), PLUGIN);
  writeFileSync(
    config,
    `agent: { interval: 1s, state_dir: ${join(folder, 'state')} }
log: { format: json }
inputs: [mem, { ./spin.ts: { alias: mine } }]
outputs: [discard]
`,
  );
  const cli = startCli(['run', '--config', config]);
  try {
    await cli.until('"name":"watchdog"', 30_000);
    const line =
      cli
        .stderr()
        .split('\n')
        .find((text) => text.includes('"watchdog"')) ?? '';
    expect(JSON.parse(line)).toMatchObject({
      level: 'warn',
      message: `inputs.mine in gather (${join(folder, 'spin.ts')}:10) has blocked the event loop for 10s; after 1m the process ends`,
    });
  } finally {
    await cli.end('SIGKILL');
    rmSync(folder, { recursive: true });
  }
}, 40_000);
