import type { LogEntry, LogLevel } from '../core/logger.ts';

import type { LogSettings } from './settings.ts';

export interface LoggingOptions {
  readonly settings: LogSettings;
  /** stderr. */
  readonly stream: NodeJS.WritableStream & { readonly isTTY?: boolean };
  /** The stream gets only lines of this level and above. Default: that of the settings. */
  readonly streamLevel?: LogLevel | undefined;
  readonly now: () => number;
  /** Removes secrets from messages and metadata. */
  readonly redact: (text: string) => string;
  /** Also receives every line, for the input `agent_log`. */
  readonly publish?: (entry: LogEntry) => void;
}

/** Writes log lines. */
export interface LogSink {
  write(entry: LogEntry): void;
  configure(settings: LogSettings): void;
  close(): Promise<void>;
}
