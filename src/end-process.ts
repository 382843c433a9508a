/**
 * Ends the process once its work is done, whatever still holds it.
 *
 * `process.exit` and `process.reallyExit` join libuv's threads first. A system call that hangs (statfs of a dead mount)
 * keeps them for ever, hundreds of queued name look-ups for minutes. Only a signal ends such a process, and the exit
 * code is then 128 and its number.
 */
import { writeSync } from 'node:fs';

/** How long leftovers of a command may take to end by themselves. Milliseconds. */
const GRACE_MS = 1000;

/** Requests that occupy a thread of libuv or wait for one, as `process.getActiveResourcesInfo` names them. */
const NEEDS_THREAD = /^(?:FSReq|FileHandleClose|GetAddrInfo|GetNameInfo)/;

/**
 * Ends the process now, with `process.exitCode`, or by a signal if an exit would wait.
 *
 * @param asked the signal that asked for the end: a service manager takes death by that one for a clean stop
 */
export function endProcess(asked: NodeJS.Signals = 'SIGKILL'): never {
  const pending = process.getActiveResourcesInfo().filter((name) => NEEDS_THREAD.test(name));
  if (pending.length === 0) process.exit();
  report(`${pending.length} system calls or name look-ups have not returned; the process ends by ${asked}`);
  for (const signal of [asked, 'SIGKILL'] as const) {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  }
  // Process 1 of a container is immune to its own signals, but not to this.
  process.abort();
}

/**
 * Ends the process after a grace, unless it ends by itself before.
 *
 * @param isBusy whether a reader of the output still takes what was printed
 */
export function endSoon(isBusy: () => boolean, asked?: NodeJS.Signals): void {
  setTimeout(() => {
    if (isBusy()) endSoon(isBusy, asked);
    else endProcess(asked);
  }, GRACE_MS).unref();
}

/** Written directly, since nothing that waits for the event loop is written any more. */
function report(message: string): void {
  if (process.stderr.writableLength > 0) return; // nobody reads it, and a write could block
  try {
    writeSync(process.stderr.fd, `${message}\n`);
  } catch {
    // without stderr there is no place to report to
  }
}
