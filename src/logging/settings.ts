import type { LogLevel } from '../core/logger.ts';

export interface LogSettings {
  readonly level: LogLevel;
  readonly format: 'text' | 'json';
  /** Also write to this file, rotated. */
  readonly file:
    { readonly path: string; readonly max_size: number; readonly keep: number; readonly gzip: boolean } | undefined;
}
