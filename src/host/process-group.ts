import type { ChildProcess } from 'node:child_process';

import { errorCode, type Clock } from '../plugin/index.ts';

/** How long programs have to end by themselves after SIGTERM, in ms. */
const GRACE = 1000;

/** How long the kernel has to end them after SIGKILL, in ms; longer only takes who is stuck inside the kernel. */
const KILL_GRACE = 500;

const POLL = 20;

/** Ends a child and all programs of its group: SIGTERM, and SIGKILL for those that are still there after the grace. */
export async function stopGroup(child: ChildProcess, clock: Clock): Promise<void> {
  signalGroup(child, 'SIGTERM');
  await waitFor(() => isGone(child), GRACE, clock);
  signalGroup(child, 'SIGKILL');
  await waitFor(() => isGone(child), KILL_GRACE, clock);
  // A program that left the group may still hold the pipes open; nobody reads them any more.
  child.stdout?.destroy();
  child.stderr?.destroy();
}

/** Whether the child was reaped and no other program of its group is left. */
function isGone(child: ChildProcess): boolean {
  return (child.exitCode !== null || child.signalCode !== null) && !signalGroup(child, 0);
}

/** @returns false if there is nobody left to get it */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  if (child.pid === undefined) return false;
  if (process.platform === 'win32') return child.kill(signal);
  try {
    return process.kill(-child.pid, signal);
  } catch (error) {
    return errorCode(error) === 'EPERM'; // there, but run as somebody else
  }
}

async function waitFor(condition: () => boolean, timeout: number, clock: Clock): Promise<void> {
  const until = clock.elapsed() + timeout;
  while (!condition() && clock.elapsed() < until) await clock.sleep(POLL);
}
