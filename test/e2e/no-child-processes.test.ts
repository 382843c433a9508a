import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from '@jest/globals';

import { CLI } from '../support/kit/cli.ts';
import { findBinary, testWith } from '../support/servers/real-server.ts';

const traced = testWith({ binary: 'strace', package: 'strace' });

traced(
  'gathering from every default Linux input starts no process',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'healthd-strace-'));
    try {
      const [config, trace] = [join(folder, 'healthd.yaml'), join(folder, 'trace')];
      const inputs = 'cpu, mem, swap, disk, diskio, net, netstat, system, processes, kernel, temp, internal';
      writeFileSync(config, `agent: { state_dir: ${folder} }\ninputs: [${inputs}]\n`);
      const strace = ['-f', '-qq', '-e', 'trace=execve', '-o', trace];
      const { status, stdout } = spawnSync(
        findBinary('strace') ?? 'strace',
        [...strace, process.execPath, CLI, 'once', '--config', config],
        { encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: folder } },
      );
      expect(status).toBe(0);
      expect(stdout).toMatch(/^processes,/m);
      const started = readFileSync(trace, 'utf8')
        .split('\n')
        .filter((line) => /execve\(.*\) = 0/.test(line));
      expect(started).toHaveLength(1);
    } finally {
      rmSync(folder, { recursive: true });
    }
    return Promise.resolve();
  },
  60_000,
);
