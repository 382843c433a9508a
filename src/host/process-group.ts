import { execFile, type ChildProcess } from 'node:child_process';
import { env } from 'node:process';

import { errorCode, type Clock } from '../plugin/index.ts';

/** Time to exit after SIGTERM, ms. */
const GRACE = 1000;

/** Time to exit after SIGKILL, ms; only a process stuck in the kernel takes longer. */
const KILL_GRACE = 500;

const POLL = 20;

/** Ends a child and its process group: SIGTERM, then SIGKILL for what is left after the grace period. */
export async function stopGroup(child: ChildProcess, clock: Clock, platform = process.platform): Promise<void> {
  if (platform === 'win32') {
    await endTree(child, clock);
    return;
  }
  signalGroup(child, 'SIGTERM');
  await waitFor(() => isGone(child), GRACE, clock);
  signalGroup(child, 'SIGKILL');
  await waitFor(() => isGone(child), KILL_GRACE, clock);
  // A process that left the group may still hold the pipes open.
  child.stdout?.destroy();
  child.stderr?.destroy();
}

/** Windows has no groups: its own program ends a process with those that it started. */
async function endTree(child: ChildProcess, clock: Clock): Promise<void> {
  const { pid } = child;
  if (pid !== undefined) {
    const isOver = new Promise<void>((resolve) => {
      execFile(taskkill(), ['/T', '/F', '/PID', String(pid)], { timeout: GRACE, windowsHide: true }, () => {
        resolve();
      });
    });
    await isOver;
    child.kill('SIGKILL');
    await waitFor(() => child.exitCode !== null || child.signalCode !== null, KILL_GRACE, clock);
  }
  child.stdout?.destroy();
  child.stderr?.destroy();
}

/** By its path, since a program of that name elsewhere in PATH could be anybody's. */
function taskkill(): string {
  return `${env['SystemRoot'] ?? 'C:\\Windows'}\\System32\\taskkill.exe`;
}

/** Whether the child was reaped and no other program of its group is left. */
function isGone(child: ChildProcess): boolean {
  return (child.exitCode !== null || child.signalCode !== null) && !signalGroup(child, 0);
}

/** @returns false if no process of the group is left */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  if (child.pid === undefined) return false;
  try {
    return process.kill(-child.pid, signal);
  } catch (error) {
    return errorCode(error) === 'EPERM'; // it exists, but belongs to another user
  }
}

async function waitFor(condition: () => boolean, timeout: number, clock: Clock): Promise<void> {
  const until = clock.elapsed() + timeout;
  while (!condition() && clock.elapsed() < until) await clock.sleep(POLL);
}
