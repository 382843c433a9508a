/** What an attempt that failed means. */
import { describeError } from '../../core/errors.ts';
import { retryAfterMs } from '../../plugin/errors.ts';
import { networkStage } from '../../core/network-error.ts';

/** For counters. */
export type FailureReason =
  'target' | 'client' | 'rate_limited' | 'server' | 'network' | 'deadline' | 'cancelled' | 'other';

export interface Failure {
  /**
   * - `throttled`: the receiver wants to be left alone for a while
   * - `transient`: this may work later
   * - `refused`: this message will not be taken as it is
   * - `target`: no message will be taken
   * - `partial`: accepted, but not for all recipients
   */
  readonly kind: 'throttled' | 'transient' | 'refused' | 'target' | 'partial';
  readonly reason: FailureReason;
  /** For `throttled`, ms. */
  readonly retryAfterMs: number | undefined;
  /** The receiver may have the message all the same. */
  readonly mayHaveArrived: boolean;
  readonly text: string;
  /** For `partial`: recipients who are still to be reached. */
  readonly missing?: readonly string[];
}

/**
 * By the looks of the error, because a plugin may carry a copy of the class.
 *
 * @param ended who ended the attempt, if it did not end by itself
 */
export function failureOf(thrown: unknown, ended: 'deadline' | 'cancelled' | undefined): Failure {
  const text = describeError(thrown);
  const transient = { kind: 'transient', retryAfterMs: undefined, text } as const;
  if (ended !== undefined) return { ...transient, reason: ended, mayHaveArrived: true };
  const definite = { retryAfterMs: undefined, mayHaveArrived: false, text } as const;
  const name = (thrown as Partial<Error> | null | undefined)?.name;
  if (name === 'TargetError') return { ...definite, kind: 'target', reason: 'target' };
  if (name === 'PermanentError' || name === 'TooLargeError') return { ...definite, kind: 'refused', reason: 'client' };
  const missing = missingOf(thrown);
  if (missing !== undefined) return { ...definite, kind: 'partial', reason: 'client', missing };
  const wait = retryAfterMs(thrown);
  if (wait !== undefined) return { ...definite, kind: 'throttled', reason: 'rate_limited', retryAfterMs: wait };
  const stage = networkStage(thrown);
  if (stage !== undefined) {
    return { ...transient, reason: 'network', mayHaveArrived: stage === 'after_connection' };
  }
  return { ...transient, reason: name === 'RetryableError' ? 'server' : 'other', mayHaveArrived: false };
}

function missingOf(thrown: unknown): readonly string[] | undefined {
  const { name, missing } = (thrown ?? {}) as { readonly name?: unknown; readonly missing?: unknown };
  if (name !== 'PartialNotifyError' || !Array.isArray(missing)) return undefined;
  return missing.filter((recipient) => typeof recipient === 'string');
}
