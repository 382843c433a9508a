/** Why no answer came, in words that say what to do. */
import { networkReason, RetryableError } from '../../plugin/index.ts';

import type { Redact } from './redact.ts';

const REMEDIES = { start: 'start InfluxDB or correct url', trust: 'name it in tls.ca' };

/** @param url safe to show */
export function noAnswer(url: string, error: unknown, redact: Redact): RetryableError {
  return new RetryableError(`${url}: ${redact(reasonOf(error))}`, { cause: error });
}

function reasonOf(error: unknown): string {
  // The client's word for an answer that ended before it was complete.
  const isCut = (error as Partial<Error> | undefined)?.name === 'AbortError';
  return isCut ? 'the connection was closed in the middle of the answer' : networkReason(error, REMEDIES);
}
