/** What happens to the process from outside: signals, and a reader of its output that goes away. */
import { EXIT, type Signals } from './commands/command.ts';
import { endProcess } from './end-process.ts';

export interface ProcessSignals extends Signals {
  /** The one that asked for the end, if any did. */
  asked(): NodeJS.Signals | undefined;
}

/** On Windows SIGHUP means that the console closes, SIGBREAK is Ctrl-Break: both stop, and Windows ends the process some seconds later. */
const STOPS: Readonly<Partial<Record<NodeJS.Platform, readonly NodeJS.Signals[]>>> = {
  win32: ['SIGTERM', 'SIGINT', 'SIGBREAK', 'SIGHUP'],
};

/** Of the 5 s that Windows leaves a process whose console was closed. */
const CONSOLE_CLOSES_MS = 4000;

/**
 * @param isDaemon SIGHUP reloads, but on Windows; one that arrives before `onReload` is held back until then
 * @param emitter of the signals
 */
export function processSignals(
  isDaemon: boolean,
  platform: NodeJS.Platform = process.platform,
  emitter: Pick<NodeJS.Process, 'on'> = process,
): ProcessSignals {
  const stops = STOPS[platform] ?? (['SIGTERM', 'SIGINT'] as const);
  const stop = new AbortController();
  let asked: NodeJS.Signals | undefined;
  let isHeld = false;
  let reload = () => {
    isHeld = true;
  };
  if (isDaemon && !stops.includes('SIGHUP'))
    emitter.on('SIGHUP', () => {
      reload();
    });
  const onStop = (signal: NodeJS.Signals) => {
    if (stop.signal.aborted) fail(signal);
    asked = signal;
    stop.abort();
  };
  return {
    asked: () => asked,
    endsWithin: () => (platform === 'win32' && asked === 'SIGHUP' ? CONSOLE_CLOSES_MS : undefined),
    stop() {
      for (const signal of stops) emitter.on(signal, onStop);
      return stop.signal;
    },
    onReload(handler) {
      reload = handler;
      if (isHeld) handler();
    },
    onStrayError(handler) {
      for (const event of ['uncaughtException', 'unhandledRejection'] as const) emitter.on(event, handler);
    },
  };
}

/** A closed pipe (`healthd config schema | head`) is no failure; any other error on stdout ends the process. */
export function guardStdout(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    process.stderr.write(`Cannot write to stdout: ${error.message}\n`);
    fail();
  });
}

function fail(asked?: NodeJS.Signals): never {
  process.exitCode = EXIT.failed;
  endProcess(asked);
}
