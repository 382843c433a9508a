/**
 * Log lines through winston: to a stream and, if configured, to a file. winston waits for the slowest transport, so every
 * transport accepts each line immediately, into its own queue.
 */
import { Writable } from 'node:stream';

import winston from 'winston';

import type { LogSettings } from './settings.ts';
import { systemClock } from '../core/clock.ts';
import { describeError } from '../core/errors.ts';
import type { LogEntry, LogLevel } from '../core/logger.ts';

import { jsonLine, textLine } from './format.ts';
import { LineQueue, type Destination } from './line-queue.ts';
import type { LogSink, LoggingOptions } from './sink.ts';
import { rotatedFile } from './rotated-file.ts';
import { streamDestination } from './stream-destination.ts';

/** winston's key for the formatted line. */
const MESSAGE = Symbol.for('message');

export function openWinston({ settings, stream, streamLevel, now }: LoggingOptions): LogSink {
  const logger = winston.createLogger();
  let format = settings.format;
  let file: LineQueue | undefined;
  /** Closes the files of earlier settings. Never rejects. */
  let closing: Promise<void> = Promise.resolve();

  const line = (entry: LogEntry) => (format === 'json' ? jsonLine(entry) : textLine(entry, stream.isTTY === true));
  const warning = (message: string) => line({ level: 'warn', message, name: 'log', meta: {}, time: now() });
  const notice = (dropped: number, reason: string) => warning(`${dropped} lines were dropped here: ${reason}`);
  const queueFor = (destination: Destination, report: (error: unknown) => void, chunk?: number) =>
    new LineQueue({ destination, notice, report, clock: systemClock, ...(chunk === undefined ? {} : { chunk }) });

  // A failure of stderr cannot be reported anywhere.
  const console = queueFor(streamDestination(stream), () => undefined);

  function queueForFile({ path, max_size, keep, gzip }: NonNullable<LogSettings['file']>): LineQueue {
    const report = (error: unknown) => {
      console.push(warning(`Cannot write the log file ${path}: ${describeError(error)}`));
    };
    const reportRotation = (error: unknown) => {
      console.push(warning(`Cannot rotate the log file ${path}, it keeps growing: ${describeError(error)}`));
    };
    const file = openedAfter(closing, rotatedFile({ path, maxSize: max_size, keep, gzip, report: reportRotation }));
    return queueFor(file, report, Math.min(max_size, 64 * 1024));
  }

  async function end(queue: LineQueue | undefined): Promise<void> {
    try {
      await queue?.close();
    } catch (error) {
      console.push(warning(`Cannot close the log file: ${describeError(error)}`));
    }
  }

  function configure(next: LogSettings): void {
    const before = file;
    closing = closing.then(() => end(before));
    format = next.format;
    file = next.file === undefined ? undefined : queueForFile(next.file);
    const transports = [queuedTransport(console, streamLevel), ...(file === undefined ? [] : [queuedTransport(file)])];
    const finish = (info: winston.Logform.TransformableInfo) =>
      Object.assign(info, { [MESSAGE]: line(info as unknown as LogEntry) });
    logger.configure({ level: next.level, format: { transform: finish }, transports });
  }

  configure(settings);
  return {
    write: (entry) => {
      logger.log(entry);
    },
    configure,
    async close() {
      await new Promise((resolve) => {
        logger.once('finish', resolve);
        logger.end();
      });
      await closing;
      await end(file);
      await console.close();
    },
  };
}

/** The new settings may name the same file: it must not be written while the previous writer may still rotate it. */
function openedAfter(closing: Promise<void>, file: Destination): Destination {
  return {
    ...file,
    write: async (text) => {
      await closing;
      await file.write(text);
    },
  };
}

/** A transport that accepts every line immediately. */
export function queuedTransport(queue: LineQueue, level?: LogLevel): winston.transport {
  const stream = new Writable({
    objectMode: true,
    write(info: Readonly<Record<typeof MESSAGE, string>>, _encoding, done) {
      queue.push(info[MESSAGE]);
      done();
    },
  });
  return new winston.transports.Stream({ stream, ...(level === undefined ? {} : { level }) });
}
