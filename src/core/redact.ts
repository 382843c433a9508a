import { types } from 'node:util';

import { describeError } from './errors.ts';

/** Shorter values are no secrets, and redacting them would mangle ordinary words. Characters. */
const MIN_SECRET = 4;

/**
 * Makes a function that replaces secrets by `***`, for texts of servers and proxies, which echo parts of requests.
 *
 * @param secrets those that are undefined or shorter than 4 characters are ignored
 */
export function redactor(secrets: readonly (string | undefined)[]): (text: string) => string {
  const known = secrets
    .filter((secret): secret is string => secret !== undefined && secret.length >= MIN_SECRET)
    // The longest first, since one secret may be part of another.
    .sort((a, b) => b.length - a.length);
  return (text) => known.reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
}

/**
 * A copy of the record with secrets removed from every text, at any depth. Errors become texts; keys stay. An object that
 * contains itself is replaced by an ellipsis there, so that it can be logged.
 */
export function redactedRecord(
  record: Readonly<Record<string, unknown>>,
  redact: (text: string) => string,
): Readonly<Record<string, unknown>> {
  return redactedEntries(record, redact, new Map([[record, '…']]));
}

function redactedEntries(record: object, redact: (text: string) => string, seen: Map<object, unknown>) {
  return Object.fromEntries(Object.entries(record).map(([key, each]) => [key, redactedValue(each, redact, seen)]));
}

/** @param seen objects and their copies */
function redactedValue(value: unknown, redact: (text: string) => string, seen: Map<object, unknown>): unknown {
  if (typeof value === 'string') return redact(value);
  if (isError(value)) return redact(describeError(value));
  if (typeof value !== 'object' || value === null || types.isDate(value)) return value;
  if (seen.has(value)) return seen.get(value);
  seen.set(value, '…');
  const result = Array.isArray(value)
    ? value.map((each) => redactedValue(each, redact, seen))
    : redactedEntries(value, redact, seen);
  seen.set(value, result);
  return result;
}

/** By its shape, since it may come from another realm. */
export function isError(value: unknown): value is Error {
  return typeof value === 'object' && value !== null && 'message' in value && 'stack' in value;
}
