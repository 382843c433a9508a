import { inspect, types } from 'node:util';

/** A mistake that the user fixes in the configuration. The message says where, what and how. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Any thrown value as an Error. Does not rely on `instanceof Error`, since errors of another realm (a test runner's sandbox, a
 * `vm` context) are not instances of this realm's class.
 */
export function toError(thrown: unknown): Error {
  if (types.isNativeError(thrown) || thrown instanceof DOMException) return thrown;
  if (typeof thrown === 'string') return new Error(thrown);
  // Not String(): it throws for an object without a prototype.
  return new Error(`Something other than an error was thrown: ${inspect(thrown, { depth: 0 })}`);
}

/** The `code` of Node's system errors (`ENOENT`, `ECONNREFUSED`, …), if there is one. */
export function errorCode(thrown: unknown): string | undefined {
  const code = (thrown as { readonly code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}

/** One line for people: the message, then the messages of its causes that add something. */
export function describeError(thrown: unknown): string {
  const parts: string[] = [];
  let error = thrown;
  // A chain of causes can be a cycle.
  for (let depth = 0; depth < 5 && error !== undefined && error !== null; depth += 1) {
    const { message, cause } = toError(error);
    const text = message || errorCode(error) || toError(error).name;
    if (!parts.some((part) => part.includes(text))) parts.push(text);
    error = cause;
  }
  // Run by run: a pattern with blanks on both sides of the newline takes quadratic time for a long run without one.
  return parts.join(': ').replace(/\s+/g, (blanks) => (/[\r\n]/.test(blanks) ? ' ' : blanks));
}

/** The result of a file operation; undefined if the file does not exist. */
export async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
