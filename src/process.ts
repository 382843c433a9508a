/** What happens to the process from outside: signals, and a reader of its output that goes away. */
import { EXIT, type Signals } from './commands/command.ts';

/** @param isDaemon SIGHUP reloads; one that arrives before `onReload` is held back until then */
export function processSignals(isDaemon: boolean): Signals {
  let isHeld = false;
  let reload = () => {
    isHeld = true;
  };
  if (isDaemon)
    process.on('SIGHUP', () => {
      reload();
    });
  return {
    stop: stopSignal,
    onReload(handler) {
      reload = handler;
      if (isHeld) handler();
    },
  };
}

function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(EXIT.failed);
      stop.abort();
    });
  }
  return stop.signal;
}

/** A closed pipe (`healthd config schema | head`) is no failure; any other error on stdout ends the process. */
export function guardStdout(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    process.stderr.write(`Cannot write to stdout: ${error.message}\n`);
    process.exit(EXIT.failed);
  });
}
