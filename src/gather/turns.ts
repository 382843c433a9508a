/** Runs work in its own turn of the event loop. */
export type TakeTurn = (work: () => void) => void;

/**
 * All inputs tick at the same instant. One after the other in one go they would block the event loop for the sum of what
 * they take; one in each turn, sockets and timers are served in between.
 */
export function createTurns(): TakeTurn {
  const queue: (() => void)[] = [];
  const next = () => {
    const work = queue.shift();
    // Before the work, because what is queued while immediates run is for the next turn.
    if (queue.length > 0) setImmediate(next);
    work?.();
  };
  return (work) => {
    queue.push(work);
    if (queue.length === 1) setImmediate(next);
  };
}
