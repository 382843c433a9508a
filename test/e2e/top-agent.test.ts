/** `healthd top` on a terminal beside a running agent: its stream, its alerts, its past. */
import { spawn } from 'node:child_process';
import { copyFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect } from '@jest/globals';

import type { AlertsAnswer } from '../../src/api/alerts.ts';
import { CLI } from '../support/kit/cli.ts';
import { startRealAgent, type RealAgent } from '../support/kit/real-agent.ts';
import { Tmux, TMUX, type TerminalSize } from '../support/kit/tmux.ts';
import { testWith, waitFor } from '../support/servers/real-server.ts';

const YAML = `
agent: { interval: 1s, hostname: shop-1 }
inputs: [cpu, mem, system, disk, net, { exec: { commands: [[cat, shop.lp]] } }]
outputs: [discard]
alerts:
  rules:
    - { id: shop_queue, metric: shop.queue, above: { critical: 100 }, summary: 'Orders wait in the shop' }
`;
const SMALL = { width: 80, height: 24 };
const LARGE = { width: 200, height: 60 };
const BUSY = 'busy-backup';
const LIMIT = 60_000;
/** Processes are captured each ten seconds. */
const FRAME_MS = 10_000;

let agent: RealAgent;
let terminal: Tmux | undefined;

beforeAll(async () => {
  agent = await startRealAgent(YAML, { 'shop.lp': 'shop queue=500\n' });
}, LIMIT);

afterEach(() => {
  terminal?.end();
  terminal = undefined;
});

afterAll(() => agent.close());

async function startTop(size: TerminalSize, args = ''): Promise<Tmux> {
  const started = new Tmux(size, { ...agent.settings.env, HOME: agent.folder, TZ: 'UTC' });
  terminal = started;
  await started.until(/^\$$/m);
  started.line(`cd ${agent.folder}; clear; ${process.execPath} ${CLI} top ${args}`);
  await started.until(/processes ─.* in all/);
  return started;
}

const listed = async () => {
  const { stdout } = await agent.run('alerts', '--json');
  const all = JSON.parse(stdout) as AlertsAnswer['alerts'];
  return all.find(({ alert }) => alert.rule === 'shop_queue')?.alert;
};

const inTmux = testWith(TMUX);

describe('healthd top beside an agent', () => {
  inTmux(
    '80 × 24: shows what the agent found, acknowledges and silences it',
    async () => {
      const top = await startTop(SMALL);
      await top.until(/Orders wait in the shop/);
      top.keys('j', 'a');
      await top.until(/Acknowledged shop_queue as/);
      await waitFor(async () => (await listed())?.ack !== undefined);
      top.keys('s');
      await top.until(/Enter silences/);
      top.keys('Enter');
      await top.until(/Silenced shop_queue for/);
      expect(await listed()).toMatchObject({ silenced: true, ack: { comment: 'from healthd top' } });
    },
    LIMIT,
  );

  inTmux(
    '200 × 60: processes fill the height, as far as there are any that use something',
    async () => {
      const top = await startTop(LARGE);
      const isFull = (screen: string) => {
        const rows = screen.replace(/\n$/, '').split('\n');
        const head = rows.findIndex((row) => /PID +NAME/.test(row));
        const processes = rows.slice(head + 1, -1).filter((row) => /^\W*\d+ /.test(row));
        return head > 0 && processes.length >= 15;
      };
      await top.until(isFull);
    },
    LIMIT,
  );

  inTmux(
    '--at replays the past: who was busy then, one step on and back with t and T',
    async () => {
      const program = join(agent.folder, BUSY);
      copyFileSync(realpathSync('/bin/sh'), program);
      const busy = spawn(program, ['-c', 'while :; do :; done'], { stdio: 'ignore' });
      await new Promise((resolve) => setTimeout(resolve, FRAME_MS + 2000));
      busy.kill('SIGKILL');
      const at = new Date().toISOString();
      await new Promise((resolve) => setTimeout(resolve, 2 * FRAME_MS));
      const top = await startTop(LARGE, `--at ${at}`);
      await top.until(new RegExp(BUSY));
      top.keys('t', 't');
      await top.until((screen) => !screen.includes(BUSY) && /in all/.test(screen));
      top.keys('T', 'T');
      await top.until(new RegExp(BUSY));
      top.keys('q');
      await top.until((screen) => !screen.includes('in all'));
    },
    2 * LIMIT,
  );
});
