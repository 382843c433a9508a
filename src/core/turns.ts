/**
 * Does long work in steps, and lets the rest of the process run between them.
 *
 * @param steps work that yields after every few milliseconds
 * @throws what the work throws, or the signal's reason
 */
export async function inTurns<Result>(steps: Iterator<unknown, Result>, signal: AbortSignal): Promise<Result> {
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value;
    await new Promise(setImmediate);
    signal.throwIfAborted();
  }
}

/** The same work at once. */
export function atOnce<Result>(steps: Iterator<unknown, Result>): Result {
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value;
}
