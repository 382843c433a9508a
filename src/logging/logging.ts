/**
 * The agent's own log, by winston. Everything goes to stderr, because stdout may carry data, and, where configured, to a
 * file that is rotated by size.
 */
import winston from 'winston';

import type { LogSettings } from '../config/config.ts';
import { describeError } from '../core/errors.ts';
import type { Logger } from '../plugin.ts';

import { jsonLine, textLine, type LogEntry } from './format.ts';

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
}

/** winston finds the finished line under this key. */
const MESSAGE = Symbol.for('message');

export function openLogging({ settings, stream, now }: LoggingOptions): Logging {
  const logger = winston.createLogger();
  // A transport that fails must not take the process with it (winston emits 'error', which nobody listens to by default).
  logger.on('error', (error: unknown) => {
    stream.write(`healthd: writing the log failed: ${describeError(error)}\n`);
  });

  function configure(next: LogSettings): void {
    logger.configure({ level: next.level, format: finish(next), transports: transports(next) });
  }

  function finish({ format }: LogSettings): winston.Logform.Format {
    const line = format === 'json' ? jsonLine : (entry: LogEntry) => textLine(entry, stream.isTTY === true);
    return {
      transform: (info) => Object.assign(info, { [MESSAGE]: line(info as unknown as LogEntry) }),
    };
  }

  function transports({ file }: LogSettings): winston.transport[] {
    const console = new winston.transports.Stream({ stream });
    return file === undefined ? [console] : [console, ...rotatedFile(file)];
  }

  /** A log file that cannot be made must not keep the agent from running: stderr has the lines too. */
  function rotatedFile({ path, max_size, keep }: NonNullable<LogSettings['file']>): winston.transport[] {
    const report = (error: unknown) => {
      stream.write(`healthd: the log file ${path} cannot be written: ${describeError(error)}\n`);
    };
    try {
      const file = new winston.transports.File({ filename: path, maxsize: max_size, maxFiles: keep, tailable: true });
      file.on('error', report);
      return [file];
    } catch (error) {
      report(error);
      return [];
    }
  }

  configure(settings);
  return {
    logFor(name) {
      const at =
        (level: LogSettings['level']) =>
        (message: string, meta: Readonly<Record<string, unknown>> = {}) => {
          logger.log({ level, message, meta, name, time: now() });
        };
      return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
    },
    configure,
    close: () =>
      new Promise((resolve) => {
        logger.once('finish', resolve);
        logger.end();
      }),
  };
}
