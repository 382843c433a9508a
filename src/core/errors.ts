import { inspect, types } from 'node:util';

/** Something the user can fix by changing the configuration. The text says where, what and how. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Anything thrown, as an Error. `instanceof Error` is not asked because errors made in another realm (a test runner's
 * sandbox, a `vm` context) are not instances of this realm's class.
 */
export function toError(thrown: unknown): Error {
  if (types.isNativeError(thrown) || thrown instanceof DOMException) return thrown;
  if (typeof thrown === 'string') return new Error(thrown);
  // Not String(): an object without a prototype has no text form, and asking for it throws.
  return new Error(`Something other than an error was thrown: ${inspect(thrown, { depth: 0 })}`);
}

/** The `code` that Node puts on system errors (`ENOENT`, `ECONNREFUSED`, …), if there is one. */
export function errorCode(thrown: unknown): string | undefined {
  const code = (thrown as { readonly code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}

/** One line for people: the message, followed by the messages of its causes that say something new. */
export function describeError(thrown: unknown): string {
  const parts: string[] = [];
  let error = thrown;
  // A chain of causes may be a circle.
  for (let depth = 0; depth < 5 && error !== undefined && error !== null; depth += 1) {
    const { message, cause } = toError(error);
    const text = message || errorCode(error) || toError(error).name;
    if (!parts.some((part) => part.includes(text))) parts.push(text);
    error = cause;
  }
  return parts.join(': ').replace(/\s*[\r\n]+\s*/g, ' ');
}

/** What work on a file gives; undefined if there is no such file. */
export async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
