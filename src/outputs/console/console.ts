import { printable } from '../../plugin/index.ts';
import { palette } from './palette.ts';
import { renderTables } from './tables.ts';

import type { Batch, Output } from '../../plugin/index.ts';

export interface ConsoleOptions {
  readonly format: 'auto' | 'pretty' | 'influx';
  readonly color: 'auto' | 'always' | 'never';
}

/** The part of `process.stdout` that is used here. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  hasColors?(): boolean;
  write(data: Uint8Array | string, done: (error?: Error | null) => void): boolean;
  on(event: 'error', listener: (error: Error) => void): unknown;
  off(event: 'error', listener: (error: Error) => void): unknown;
}

/** If the width of the terminal is unknown. */
const DEFAULT_COLUMNS = 100;

export function createConsole({ format, color }: ConsoleOptions, screen: Screen): Output {
  const isTerminal = screen.isTTY === true;
  const isPretty = format === 'pretty' || (format === 'auto' && isTerminal);
  const hasColor = color === 'always' || (color === 'auto' && isTerminal && screen.hasColors?.() !== false);
  const paint = palette(hasColor);

  function render(batch: Batch): Uint8Array | string {
    if (isPretty) return renderTables(batch.metrics(), { columns: screen.columns ?? DEFAULT_COLUMNS, paint });
    // Names, such as those of containers, may contain control characters, which a terminal would execute.
    return isTerminal ? printable(Buffer.from(batch.lines).toString(), { keepNewlines: true }) : batch.lines;
  }

  return {
    async write(batch, signal) {
      signal.throwIfAborted();
      await writeAll(screen, render(batch), signal);
    },
  };
}

/** Resolves when everything is written. */
function writeAll(screen: Screen, data: Uint8Array | string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    // The stream also emits the error that it passes to the callback; without a listener that would crash the process.
    const onError = (error: Error) => {
      reject(new Error(errorText(error), { cause: error }));
    };
    const onAbort = () => {
      reject(signal.reason as Error);
    };
    screen.on('error', onError);
    signal.addEventListener('abort', onAbort, { once: true });
    screen.write(data, (error) => {
      signal.removeEventListener('abort', onAbort);
      if (error) onError(error);
      else resolve();
      setImmediate(() => screen.off('error', onError));
    });
  });
}

function errorText(error: Error & { readonly code?: unknown }): string {
  return error.code === 'EPIPE'
    ? 'Cannot print metrics: the program that reads standard output has exited'
    : 'Cannot print metrics on standard output';
}
