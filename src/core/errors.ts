import { inspect, types } from 'node:util';

/** The operation may succeed later: keep the data and try again. Any error that is not one of this file counts as such. */
export class RetryableError extends Error {
  override readonly name = 'RetryableError';
  /** The least time to wait, when the other side said so (HTTP `Retry-After`). Milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: ErrorOptions & { readonly retryAfterMs?: number | undefined } = {}) {
    super(message, options);
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The other side will never take this as it is. The host isolates the lines at fault and moves them to the dead letters. */
export class PermanentError extends Error {
  override readonly name: string = 'PermanentError';
}

/** The request was too large for the other side (HTTP 413). The host halves the batch and sends the halves. */
export class TooLargeError extends PermanentError {
  override readonly name = 'TooLargeError';
}

/**
 * The destination itself is wrong: credentials, address, an archived channel. Whatever is sent to it will be refused until
 * somebody changes that.
 */
export class TargetError extends PermanentError {
  override readonly name = 'TargetError';
}

/** Some lines of a batch were refused for good; all others were stored. */
export class PartialWriteError extends Error {
  override readonly name = 'PartialWriteError';
  /** Positions in the batch, counted from 0, ascending. */
  readonly refused: readonly number[];

  constructor(message: string, refused: readonly number[], options: ErrorOptions = {}) {
    super(message, options);
    this.refused = refused;
  }
}

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

/**
 * How long the other side asks to be left alone, in milliseconds, if it does. By its looks, because a plugin may carry a
 * copy of the class.
 */
export function retryAfterMs(thrown: unknown): number | undefined {
  const { retryAfterMs: ms } = (thrown ?? {}) as { readonly retryAfterMs?: unknown };
  return typeof ms === 'number' ? ms : undefined;
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
