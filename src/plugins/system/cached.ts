import { whenKnown, type Answer } from './source.ts';

/**
 * Caches a value that rarely changes. Failures are not cached.
 *
 * @param elapsed milliseconds of a monotonic clock
 */
export function cached<Value>(ttlMs: number, elapsed: () => number, load: () => Answer<Value>): () => Answer<Value> {
  let kept: { readonly value: Value; readonly until: number } | undefined;
  return () => {
    const now = elapsed();
    if (kept !== undefined && now < kept.until) return kept.value;
    return whenKnown(load(), (value) => {
      kept = { value, until: now + ttlMs };
      return value;
    });
  };
}
