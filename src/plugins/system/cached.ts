/**
 * Keeps what hardly ever changes, so that it is looked up once in a while instead of at each gather. A failure is not kept.
 *
 * @param elapsed milliseconds on a clock that never goes backwards
 */
export function cached<Value>(
  ttlMs: number,
  elapsed: () => number,
  load: () => Value | Promise<Value>,
): () => Promise<Value> {
  let kept: { readonly value: Value; readonly until: number } | undefined;
  return async () => {
    const now = elapsed();
    if (kept === undefined || now >= kept.until) kept = { value: await load(), until: now + ttlMs };
    return kept.value;
  };
}
