/** Lines by winston: to a stream, and, where configured, to a file that is rotated by size. */
import winston from 'winston';

import type { LogSettings } from '../config/config.ts';
import { describeError } from '../core/errors.ts';
import type { LogEntry } from '../core/logger.ts';

import { jsonLine, textLine } from './format.ts';
import type { LogSink, LoggingOptions } from './logging.ts';

/** winston finds the finished line under this key. */
const MESSAGE = Symbol.for('message');

export function openWinston({ settings, stream }: LoggingOptions): LogSink {
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
    write: (entry) => {
      logger.log(entry);
    },
    configure,
    close: () =>
      new Promise((resolve) => {
        logger.once('finish', resolve);
        logger.end();
      }),
  };
}
