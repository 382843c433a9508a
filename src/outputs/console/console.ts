import { palette } from './palette.ts';
import { printable } from './printable.ts';
import { renderTables } from './tables.ts';

import type { Batch, Output } from '../../plugin/index.ts';

export interface ConsoleOptions {
  readonly format: 'auto' | 'pretty' | 'influx';
  readonly color: 'auto' | 'always' | 'never';
}

/** What of `process.stdout` is used. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  hasColors?(): boolean;
  write(data: Uint8Array | string, done: (error?: Error | null) => void): boolean;
  on(event: 'error', listener: (error: Error) => void): unknown;
  off(event: 'error', listener: (error: Error) => void): unknown;
}

/** Where the screen does not tell its width. */
const DEFAULT_COLUMNS = 100;

export function createConsole({ format, color }: ConsoleOptions, screen: Screen): Output {
  const isTerminal = screen.isTTY === true;
  const isPretty = format === 'pretty' || (format === 'auto' && isTerminal);
  const hasColor = color === 'always' || (color === 'auto' && isTerminal && screen.hasColors?.() !== false);
  const paint = palette(hasColor);

  function render(batch: Batch): Uint8Array | string {
    if (isPretty) return renderTables(batch.metrics(), { columns: screen.columns ?? DEFAULT_COLUMNS, paint });
    // A terminal obeys control characters, and names of containers and the like may hold any.
    return isTerminal ? printable(Buffer.from(batch.lines).toString(), { keepNewlines: true }) : batch.lines;
  }

  return {
    async write(batch, signal) {
      signal.throwIfAborted();
      await writeAll(screen, render(batch), signal);
    },
  };
}

/** Resolves when the system has taken everything. */
function writeAll(screen: Screen, data: Uint8Array | string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    // The stream emits the error that it also hands to the callback; without a listener that would end the process.
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
    ? 'Could not print metrics: the program that read standard output has ended'
    : 'Could not print metrics on standard output';
}
