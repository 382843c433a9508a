/**
 * Errors with which outputs and notifiers say what the host should do next. Any other error counts as retryable. Their
 * names are part of the API: the host tells them apart by `name`, since a plugin may carry a copy of these classes.
 */

/** The operation may succeed later: the host keeps the data and tries again, with backoff. */
export class RetryableError extends Error {
  override readonly name = 'RetryableError';
  /** Minimum delay before the next attempt, from HTTP `Retry-After` or the like. Milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: ErrorOptions & { readonly retryAfterMs?: number | undefined } = {}) {
    super(message, options);
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The destination will never take this as it is. The host isolates the refused lines and moves them to the dead letters. */
export class PermanentError extends Error {
  override readonly name: string = 'PermanentError';
}

/** The request was too large for the destination (HTTP 413). The host halves the batch and sends the halves. */
export class TooLargeError extends PermanentError {
  override readonly name = 'TooLargeError';
}

/**
 * For notifiers: the receiver itself is wrong (credentials, address, an archived channel). It refuses everything until
 * somebody changes the configuration or the service.
 */
export class TargetError extends PermanentError {
  override readonly name = 'TargetError';
}

/**
 * For notifiers: the notification was accepted, but not for these recipients, who may accept it later. The host sends it again
 * with them as `notification.recipients`, for four hours at most, unless a later one says more about its alerts.
 */
export class PartialNotifyError extends Error {
  override readonly name = 'PartialNotifyError';
  readonly missing: readonly string[];

  constructor(message: string, missing: readonly string[], options: ErrorOptions = {}) {
    super(message, options);
    this.missing = missing;
  }
}

export interface PartialWriteOptions extends ErrorOptions {
  /**
   * Whether all other lines are stored; default true. False if the destination may name some of the refused lines only: the
   * host then writes the others again, so writing a line twice must do no harm.
   */
  readonly restIsStored?: boolean;
  /** Why each of the lines was refused, in the same order, for the dead letters. Default: the message holds for all. */
  readonly reasons?: readonly string[];
}

/** Some lines of a batch were refused for good. */
export class PartialWriteError extends Error {
  override readonly name = 'PartialWriteError';
  /** Positions in the batch, counted from 0, ascending. */
  readonly refused: readonly number[];
  readonly restIsStored: boolean;
  readonly reasons: readonly string[] | undefined;

  constructor(message: string, refused: readonly number[], options: PartialWriteOptions = {}) {
    super(message, options);
    this.refused = refused;
    this.restIsStored = options.restIsStored ?? true;
    this.reasons = options.reasons;
  }
}

/** `retryAfterMs` of an error, by its shape, since a plugin may carry a copy of the class. Milliseconds. */
export function retryAfterMs(thrown: unknown): number | undefined {
  const { retryAfterMs: ms } = (thrown ?? {}) as { readonly retryAfterMs?: unknown };
  return typeof ms === 'number' ? ms : undefined;
}
