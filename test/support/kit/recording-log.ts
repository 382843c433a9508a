import type { Logger } from '../../../src/plugin/index.ts';

export interface RecordingLog extends Logger {
  /** Each line as `warn: text`. */
  readonly lines: string[];
}

export function recordingLog(): RecordingLog {
  const lines: string[] = [];
  const at = (level: string) => (message: string) => {
    lines.push(`${level}: ${message}`);
  };
  return { lines, error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
}
