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

/**
 * Runs works one after the other, in the order of their calls: what is made of a request's bytes takes many times their memory,
 * so it must not be there for all requests at a time.
 */
export function oneAtATime(): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
}
