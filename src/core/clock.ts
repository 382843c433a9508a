import { formatDuration } from './duration.ts';

/**
 * The only source of time and timers. Global functions are looked up at each call, not captured, so that a test runner's fake
 * timers take effect.
 */
export interface Clock {
  /** Milliseconds since the Unix epoch; jumps when the system clock is set. */
  now(): number;
  /** Milliseconds from an arbitrary origin; never goes backwards. For measuring how long something took. */
  elapsed(): number;
  /** Calls back once after `ms` milliseconds. The returned function cancels. */
  after(ms: number, callback: () => void): () => void;
  /** Resolves after `ms` milliseconds, or rejects with the signal's reason as soon as it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /**
   * Aborts with a `TimeoutError` after `ms` milliseconds. Unlike the timers above it does not keep the process alive. The
   * timer refers to the signal until then: Node 20 collects an `AbortSignal.timeout` that only an `AbortSignal.any` uses.
   */
  signal(ms: number): AbortSignal;
}

/** The longest delay of `setTimeout`, 24.8 days; a longer one fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => process.uptime() * 1000,
  after(ms, callback) {
    if (ms > LONGEST_TIMER_MS) {
      let cancel = systemClock.after(LONGEST_TIMER_MS, () => {
        cancel = systemClock.after(ms - LONGEST_TIMER_MS, callback);
      });
      return () => {
        cancel();
      };
    }
    const timer = setTimeout(callback, ms);
    return () => {
      clearTimeout(timer);
    };
  },
  sleep: (ms, signal) => sleepWith(systemClock.after, ms, signal),
  signal: (ms) => signalWith((delay, callback) => setTimeout(callback, delay).unref(), ms),
};

/** `signal` for a clock that has `after`. */
export function signalWith(after: (ms: number, callback: () => void) => unknown, ms: number): AbortSignal {
  const controller = new AbortController();
  after(ms, () => {
    controller.abort(new DOMException(`Timed out after ${formatDuration(ms)}`, 'TimeoutError'));
  });
  return controller.signal;
}

/** `sleep` for a clock that has `after`. */
export function sleepWith(after: Clock['after'], ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason as Error);
      return;
    }
    const onAbort = () => {
      cancel();
      reject(signal?.reason as Error);
    };
    const cancel = after(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** Both clocks, read together. Milliseconds. */
export interface Instant {
  /** The clock's `now`. */
  readonly wall: number;
  readonly elapsed: number;
}

export function readClock(clock: Pick<Clock, 'now' | 'elapsed'>): Instant {
  return { wall: clock.now(), elapsed: clock.elapsed() };
}

/** Sleeps; resolves early when the signal aborts. */
export async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(ms, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

const NS_PER_MS = 1_000_000n;

/** Milliseconds → nanoseconds, as metrics carry them; rounded to a whole millisecond. */
export function nanoseconds(ms: number): bigint {
  return BigInt(Math.round(ms)) * NS_PER_MS;
}

/** Nanoseconds → whole milliseconds, rounded towards zero. */
export function milliseconds(ns: bigint): number {
  return Number(ns / NS_PER_MS);
}
