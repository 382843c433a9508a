/**
 * The agent's own log. Everything goes to stderr, because stdout may carry data, and, where configured, to a file. The
 * package that writes is loaded with the first line: it takes as long as reading the configuration, and nothing that is
 * gathered should wait for it.
 */
import type { LogSettings } from '../config/config.ts';
import type { Logger } from '../plugin.ts';

import { redacted, type LogEntry } from './format.ts';

export interface Logging {
  /** @param name who speaks: `agent`, `inputs.cpu`, `outputs.influxdb::central`, … */
  logFor(name: string): Logger;
  /** Uses other settings from now on, and opens the log file anew. */
  configure(settings: LogSettings): void;
  /** Resolves when every line is where it belongs. */
  close(): Promise<void>;
}

export interface LoggingOptions {
  readonly settings: LogSettings;
  /** Where lines for people and log shippers go: stderr. */
  readonly stream: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly now: () => number;
  /** Takes secrets out of what is written. */
  readonly redact: (text: string) => string;
}

/** Where lines end up. */
export interface LogSink {
  write(entry: LogEntry): void;
  configure(settings: LogSettings): void;
  close(): Promise<void>;
}

const LEVELS: readonly LogSettings['level'][] = ['error', 'warn', 'info', 'debug'];

export function openLogging(options: LoggingOptions): Logging {
  let { settings } = options;
  let sink: LogSink | undefined;
  let opening: Promise<void> | undefined;
  const waiting: LogEntry[] = [];

  async function open(): Promise<void> {
    const { openWinston } = await import('./winston.ts');
    sink = openWinston({ ...options, settings });
    for (const entry of waiting.splice(0)) sink.write(entry);
  }

  function log(entry: LogEntry): void {
    if (sink !== undefined) {
      sink.write(entry);
      return;
    }
    waiting.push(entry);
    opening ??= open();
  }

  return {
    logFor(name) {
      const at =
        (level: LogSettings['level']) =>
        (message: string, meta: Readonly<Record<string, unknown>> = {}) => {
          if (LEVELS.indexOf(level) > LEVELS.indexOf(settings.level)) return;
          log(redacted({ level, message, meta, name, time: options.now() }, options.redact));
        };
      return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
    },
    configure(next) {
      settings = next;
      sink?.configure(next);
    },
    async close() {
      await opening;
      await sink?.close();
    },
  };
}
