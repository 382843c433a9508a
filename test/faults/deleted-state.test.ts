/** The state directory is deleted under the running agent. */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from '@jest/globals';

import { startCli } from '../support/kit/cli.ts';
import { serverFolder, testWith, waitFor } from '../support/servers/real-server.ts';

testWith({ binary: 'bash', package: 'bash' })(
  'F-026: a second agent is kept out, the agent says what is lost and goes on in a new directory',
  async () => {
    const folder = serverFolder('deleted-state');
    const state = join(folder.path, 'state');
    const config = join(folder.path, 'healthd.json');
    writeFileSync(
      config,
      JSON.stringify({
        agent: { interval: '1s', state_dir: state },
        inputs: ['mem'],
        outputs: [{ influxdb: { url: 'http://127.0.0.1:9', database: 'telegraf' } }],
      }),
    );
    const first = startCli(['run', '--config', config], { cwd: folder.path });
    try {
      await first.until('Cannot write', 30_000);
      await waitFor(() => existsSync(join(state, 'journal/lock')));
      rmSync(state, { recursive: true });
      const second = await startCli(['run', '--config', config], { cwd: folder.path }).finished;
      expect(second.code).not.toBe(0);
      expect(second.stderr).toContain(`is in use by another healthd (process ${first.child.pid ?? ''})`);
      await first.until(
        'Files of the journal were removed from outside; lines in them that were not sent yet are lost',
        30_000,
      );
      await waitFor(() => existsSync(join(state, 'journal/lock')), { timeout: 30_000 });
      const third = await startCli(['run', '--config', config], { cwd: folder.path }).finished;
      expect(third.stderr).toContain('is in use by another healthd');
    } finally {
      await first.end();
      folder.remove();
    }
  },
  120_000,
);
