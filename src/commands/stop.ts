/** `healthd stop`: stops the daemon as SIGTERM does, and waits until it has ended. */
import { systemClock } from '../core/clock.ts';
import { errorCode } from '../core/errors.ts';
import type { StopAnswer } from '../api/control.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from './command.ts';
import { withDaemon } from './daemon.ts';
import { print } from './print.ts';

const POLL_MS = 50;
/** Beyond the time in which it flushes: for the process to end. ms */
const GRACE_MS = 3000;

/** @throws ConfigError if no daemon is running */
export function stop(options: ConfigOptions, terminal: Terminal): Promise<ExitCode> {
  return withDaemon(options, terminal, async ({ client }) => {
    const { pid, within } = (await client.post('/api/v1/stop', {})) as StopAnswer;
    const hasEnded = await ended(pid, within + GRACE_MS);
    if (hasEnded) print(terminal.stdout, `Stopped process ${pid}`);
    else print(terminal.stderr, `Process ${pid} has not ended yet; end it with: kill -9 ${pid}`);
    return hasEnded ? EXIT.ok : EXIT.failed;
  });
}

async function ended(pid: number, timeout: number): Promise<boolean> {
  const deadline = systemClock.elapsed() + timeout;
  while (isRunning(pid)) {
    if (systemClock.elapsed() > deadline) return false;
    await systemClock.sleep(POLL_MS);
  }
  return true;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}
