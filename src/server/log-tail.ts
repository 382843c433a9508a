/** The newest lines of the agent's own log, in memory. */
import type { LogLine } from '../api/agent.ts';
import { describeError } from '../core/errors.ts';
import type { LogEntry } from '../core/logger.ts';
import { isError } from '../core/redact.ts';

const MAX_LINES = 1000;
/** Characters; a stack trace is cut. */
const MAX_LENGTH = 4000;

export class LogTail {
  readonly #lines: LogLine[] = [];

  readonly add = ({ time: at, level, name: source, message, meta }: LogEntry): void => {
    const details = Object.entries(meta).map(([key, value]) => ` ${key}=${text(value)}`);
    this.#lines.push({ at, level, source, message: `${message}${details.join('')}`.slice(0, MAX_LENGTH) });
    if (this.#lines.length > MAX_LINES) this.#lines.shift();
  };

  /** Oldest first. */
  newest(limit: number): readonly LogLine[] {
    return this.#lines.slice(-limit);
  }
}

function text(value: unknown): string {
  if (typeof value === 'string') return /[\s="]/.test(value) ? JSON.stringify(value) : value;
  if (isError(value)) return JSON.stringify(describeError(value));
  if (typeof value !== 'object' || value === null) return String(value);
  return JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? String(each) : each));
}
