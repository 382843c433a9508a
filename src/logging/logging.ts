/**
 * The agent's own log. Goes to stderr, since stdout may carry data, and to a file if one is configured. winston is imported
 * with the first line: that takes as long as reading the configuration, and must not delay the first gather.
 */
import type { LogSettings } from './settings.ts';
import { LOG_LEVELS, type LogEntry, type LogLevel } from '../core/logger.ts';
import type { Logger } from '../plugin/index.ts';

import { redacted } from './format.ts';
import type { LoggingOptions, LogSink } from './sink.ts';

export interface Logging {
  /** @param name of the component: `agent`, `inputs.cpu`, `outputs.influxdb::central`, … */
  logFor(name: string): Logger;
  /** Applies new settings and reopens the log file. */
  configure(settings: LogSettings): void;
  /** Resolves when every line is written. */
  close(): Promise<void>;
}

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
        (level: LogLevel) =>
        (message: string, meta: Readonly<Record<string, unknown>> = {}) => {
          if (LOG_LEVELS.indexOf(level) > LOG_LEVELS.indexOf(settings.level)) return;
          const entry = redacted({ level, message, meta, name, time: options.now() }, options.redact);
          log(entry);
          options.publish?.(entry);
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
