import { whenKnown, type Answer } from './source.ts';

/**
 * Keeps what hardly ever changes, so that it is looked up once in a while instead of at each gather. A failure is not kept.
 *
 * @param elapsed milliseconds on a clock that never goes backwards
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
