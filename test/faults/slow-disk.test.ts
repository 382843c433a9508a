/** A disk that takes many seconds for each fsync. */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from '@jest/globals';

import { CLI } from '../support/kit/cli.ts';
import { serverFolder, testWith, waitFor } from '../support/servers/real-server.ts';

const STOP_TIMEOUT_MS = 2000;
/** Of each fsync. Microseconds. */
const DELAY_US = 20_000_000;

testWith({ binary: 'strace', package: 'strace' })(
  'F-025: the agent ends within stop_timeout, and says what the disk has not taken',
  async () => {
    const folder = serverFolder('slow-disk');
    const config = join(folder.path, 'healthd.json');
    writeFileSync(
      config,
      JSON.stringify({
        agent: { interval: '1s', state_dir: join(folder.path, 'state'), stop_timeout: `${STOP_TIMEOUT_MS}ms` },
        journal: { sync: 'always' },
        inputs: ['mem'],
        outputs: ['discard'],
      }),
    );
    const log = join(folder.path, 'log');
    const inject = `inject=fsync,fdatasync:delay_enter=${DELAY_US}`;
    const command = `exec strace -f -o /dev/null -e trace=fsync,fdatasync -e ${inject} "$0" "$@" 2> ${log}`;
    const child = spawn('bash', ['-c', command, process.execPath, CLI, 'run', '--config', config], {
      cwd: folder.path,
      env: { PATH: process.env['PATH'] },
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const text = () => readFileSync(log, 'utf8');
    try {
      await waitFor(() => text().includes('Started'), { timeout: 60_000 });
      // The next lines wait for the first fsync.
      await new Promise((resolve) => setTimeout(resolve, 2500));
      const agent = Number(
        readFileSync(`/proc/${child.pid ?? 0}/task/${child.pid ?? 0}/children`, 'utf8')
          .trim()
          .split(' ')[0],
      );
      const begin = performance.now();
      process.kill(agent, 'SIGTERM');
      // The process itself is held by strace until the fsync returns.
      await waitFor(() => text().includes('the process ends by SIGTERM'), { timeout: 60_000 });
      // Well below the fsync; the rest is strace and a busy machine.
      expect(performance.now() - begin).toBeLessThan(STOP_TIMEOUT_MS + 8000);
      expect(text()).toContain('stop_timeout is over; what the disk has not taken yet may be lost');
    } finally {
      // strace detaches, and the agent is gone with the signal that it sent itself.
      child.kill('SIGKILL');
      await ended;
      folder.remove();
    }
  },
  120_000,
);
