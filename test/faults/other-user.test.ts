/** Another user of the machine. */
import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { startCli } from '../support/kit/cli.ts';
import { serverFolder, waitFor } from '../support/servers/real-server.ts';

/** `nobody` on Debian. */
const OTHER = 65_534;

/** Tries to open each path as a file, a directory and a socket, and prints what worked. */
const INTRUDER = `
const { readFileSync, readdirSync, writeFileSync } = require('node:fs');
const { connect } = require('node:net');
for (const path of process.argv.slice(1)) {
  for (const [what, attempt] of [['read', () => readFileSync(path)], ['listed', () => readdirSync(path)], ['wrote', () => writeFileSync(path, 'x')]]) {
    try { attempt(); console.log(what, path); } catch {}
  }
  connect(path).on('connect', function () { console.log('connected', path); this.destroy(); }).on('error', () => {});
}
`;

const asRoot = process.getuid?.() === 0 ? test : test.skip;

asRoot(
  'H-019: another user can neither use the control socket nor read the state (needs root, to become another user)',
  async () => {
    const folder = serverFolder('other-user');
    chmodSync(folder.path, 0o755);
    const state = join(folder.path, 'state');
    const config = join(folder.path, 'healthd.json');
    const content = { agent: { interval: '1s', state_dir: state }, inputs: ['mem'], outputs: ['discard'] };
    writeFileSync(config, JSON.stringify(content));
    const cli = startCli(['run', '--config', config], { cwd: folder.path });
    const paths = () => [state, ...readdirSync(state, { recursive: true }).map((name) => join(state, String(name)))];
    try {
      await cli.until('Started', 30_000);
      await waitFor(
        () => paths().some((path) => path.endsWith('.seg')) && paths().some((path) => path.endsWith('.sock')),
      );
      const { stdout, stderr, status } = spawnSync(process.execPath, ['-e', INTRUDER, ...paths(), config], {
        uid: OTHER,
        gid: OTHER,
        encoding: 'utf8',
      });
      // The configuration is readable here, which shows that the intruder works.
      expect({ stderr, status, stdout }).toEqual({ stderr: '', status: 0, stdout: `read ${config}\n` });
    } finally {
      await cli.end();
      folder.remove();
    }
  },
  60_000,
);
