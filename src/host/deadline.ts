import type { Clock } from '../core/clock.ts';
import { formatDuration } from '../core/duration.ts';

export interface DeadlineOptions {
  /** Milliseconds. */
  readonly timeout: number;
  /** Begins the message, e.g. `The gather did not end`. */
  readonly what: string;
  readonly clock: Clock;
  /** Aborts the work too, for a reason of its own. */
  readonly parent: AbortSignal;
  readonly onExpired?: (reason: DOMException) => void;
}

/** A signal for work with a deadline. The timer starts with `guard`, since most work has ended before it is needed. */
export class Deadline {
  readonly #options: DeadlineOptions;
  readonly #controller = new AbortController();

  constructor(options: DeadlineOptions) {
    this.#options = options;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /**
   * Waits for the work even past its deadline, so that the same work never runs twice at once.
   *
   * @throws the reason of the abort, if the work failed after it
   */
  async guard(work: Promise<void>): Promise<void> {
    const { clock, timeout, parent } = this.#options;
    const onParent = () => {
      this.#controller.abort(parent.reason);
    };
    if (parent.aborted) onParent();
    parent.addEventListener('abort', onParent, { once: true });
    const cancel = clock.after(timeout, () => {
      this.#expire();
    });
    try {
      await work;
    } catch (error) {
      throw this.signal.aborted ? this.signal.reason : error;
    } finally {
      cancel();
      parent.removeEventListener('abort', onParent);
    }
  }

  #expire(): void {
    const { timeout, what, onExpired } = this.#options;
    if (this.signal.aborted) return;
    const reason = new DOMException(`${what} within ${formatDuration(timeout)}`, 'TimeoutError');
    onExpired?.(reason);
    this.#controller.abort(reason);
  }
}

/** Rejects with the reason of the signal when it aborts; for a race with work that may not heed it. */
export function rejectionOf(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener(
      'abort',
      () => {
        reject(signal.reason as Error);
      },
      { once: true },
    );
  });
}

/** Resolves when the work has settled or the signal aborts, whichever is first; never rejects. */
export async function settledOrAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  let onAbort: () => void = () => undefined;
  const aborted = new Promise<void>((resolve) => {
    onAbort = resolve;
  });
  signal.addEventListener('abort', onAbort, { once: true });
  await Promise.race([Promise.allSettled([work]), aborted]);
  signal.removeEventListener('abort', onAbort);
}
