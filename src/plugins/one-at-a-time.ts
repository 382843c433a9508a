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
