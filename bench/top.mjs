/**
 * CPU of `healthd top`, `glances` and `top`, each in a terminal of its own (tmux, 120 × 40), at the same time, all refreshing each
 * second.
 *
 *   node bench/top.mjs [seconds, default 60]
 *
 * Claims: at most a fifth of the CPU of glances. Needs Debian's `tmux`, `glances` and `procps`.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { cpuSeconds, residentBytes } from './support/process.mjs';

const seconds = Number(process.argv[2] ?? 60);
const WARM_UP_SECONDS = 15;
const folder = mkdtempSync(join(tmpdir(), 'healthd-bench-'));
const socket = `healthd-bench-${process.pid}`;
const cli = join(import.meta.dirname, '../dist/cli.js');

const contenders = {
  'healthd top': `exec env STATE_DIRECTORY=${folder} ${process.execPath} ${cli} top --interval 1s`,
  glances: 'exec glances -t 1',
  'top -d 1': 'exec top -d 1',
};

const tmux = (...args) => execFileSync('tmux', ['-L', socket, '-f', '/dev/null', ...args], { encoding: 'utf8' });
try {
  const pids = Object.entries(contenders).map(([name, command]) => {
    const pid = tmux('new-session', '-dP', '-F', '#{pane_pid}', '-x', '120', '-y', '40', '-c', folder, command);
    return [name, Number(pid)];
  });
  await sleep(WARM_UP_SECONDS * 1000);
  const before = pids.map(([, pid]) => cpuSeconds(pid));
  await sleep(seconds * 1000);
  const used = pids.map(([, pid], index) => cpuSeconds(pid) - before[index]);
  console.log(`${seconds} s after a warm-up of ${WARM_UP_SECONDS} s, refreshing each second`);
  for (const [index, [name, pid]] of pids.entries()) {
    const percent = ((100 * used[index]) / seconds).toFixed(2);
    const memory = (residentBytes(pid) / 2 ** 20).toFixed(0);
    console.log(`${name.padEnd(12)} ${percent.padStart(6)} % of a core   ${memory.padStart(4)} MiB`);
  }
  console.log(`healthd top / glances  ${(used[0] / used[1]).toFixed(2)}`);
  console.log(`healthd top / top -d 1 ${(used[0] / used[2]).toFixed(2)}`);
} finally {
  tmux('kill-server');
  rmSync(folder, { recursive: true, force: true });
}
