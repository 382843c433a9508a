/** `--from` and `--to` of the commands over the history. */
import { milliseconds } from '../../core/clock.ts';
import { ConfigError } from '../../core/errors.ts';

import { parseTime, type SpanOptions } from '../time.ts';

/** ms since the Unix epoch; `to` is exclusive. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** The last time that a Date can hold. */
const LAST = 8.64e15;

/**
 * @param length of the range if `from` is not given, ms; `Infinity` for everything
 * @throws ConfigError if a time is invalid or the range is empty
 */
export function rangeOf(options: SpanOptions, now: number, length: number): TimeRange {
  const given = (text: string | undefined) => (text === undefined ? undefined : milliseconds(parseTime(text, now)));
  // Samples of this moment belong to it, and with everything those of a source whose clock is ahead.
  const to = given(options.to) ?? (length === Infinity ? LAST : now + 1);
  const from = given(options.from) ?? Math.max(0, to - length);
  if (from >= to) throw new ConfigError(`--from ${options.from ?? ''} is not before --to ${options.to ?? 'now'}`);
  return { from, to };
}
