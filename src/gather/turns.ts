/** Runs a piece of work in a turn of the event loop, behind those that were queued before. */
export type TakeTurn = (work: () => void) => void;

/** A turn that has taken this long gives way to sockets and timers. Milliseconds. */
const LONGEST_TURN = 2;

/**
 * All inputs tick at the same instant. In one go they could block the event loop for the sum of what they take; in a turn
 * for each, the process would go through its event loop as often. So they share a turn for as long as it is short.
 */
export function createTurns(elapsed: () => number): TakeTurn {
  const queue: (() => void)[] = [];
  let isScheduled = false;
  const schedule = () => {
    isScheduled = queue.length > 0;
    if (isScheduled) setImmediate(turn);
  };
  const turn = () => {
    const until = elapsed() + LONGEST_TURN;
    try {
      do queue.shift()?.();
      while (queue.length > 0 && elapsed() < until);
    } finally {
      schedule();
    }
  };
  return (work) => {
    queue.push(work);
    if (!isScheduled) schedule();
  };
}
