import { types } from 'node:util';

import { describeError } from './errors.ts';

/** The same record with secrets taken out of every text in it, at any depth. Errors become texts; keys stay. */
export function redactedRecord(
  record: Readonly<Record<string, unknown>>,
  redact: (text: string) => string,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(record).map(([key, each]) => [key, redactedValue(each, redact)]));
}

function redactedValue(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === 'string') return redact(value);
  if (isError(value)) return redact(describeError(value));
  if (Array.isArray(value)) return value.map((each) => redactedValue(each, redact));
  if (typeof value !== 'object' || value === null || types.isDate(value)) return value;
  return redactedRecord(value as Readonly<Record<string, unknown>>, redact);
}

/** By its looks, as it may come from another realm. */
export function isError(value: unknown): value is Error {
  return typeof value === 'object' && value !== null && 'message' in value && 'stack' in value;
}
