/** Errors of the network, with advice. */
import { networkReason, RetryableError } from '../../plugin/index.ts';

import type { Redact } from './redact.ts';

const REMEDIES = { start: 'start InfluxDB or correct url', trust: 'name it in tls.ca' };

/** @param url without credentials */
export function noAnswer(url: string, error: unknown, redact: Redact): RetryableError {
  return new RetryableError(`${url}: ${redact(reasonOf(error))}`, { cause: error });
}

function reasonOf(error: unknown): string {
  // The client throws this if the response ends prematurely.
  const isTruncated = (error as Partial<Error> | undefined)?.name === 'AbortError';
  return isTruncated ? 'the connection was closed in the middle of the response' : networkReason(error, REMEDIES);
}
