import type { LogEntry } from '../core/logger.ts';

import type { LogSettings } from './settings.ts';

export interface LoggingOptions {
  readonly settings: LogSettings;
  /** Where lines for people and log shippers go: stderr. */
  readonly stream: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly now: () => number;
  /** Takes secrets out of what is written. */
  readonly redact: (text: string) => string;
  /** Told of each line too, for those who send them elsewhere. */
  readonly publish?: (entry: LogEntry) => void;
}

/** Where lines end up. */
export interface LogSink {
  write(entry: LogEntry): void;
  configure(settings: LogSettings): void;
  close(): Promise<void>;
}
