/**
 * How one batch gets to one destination. Lines that the destination refuses for good are isolated, so that the good ones
 * around them arrive; everything else is the caller's to retry with the same batch. Sending a line twice is allowed
 * (delivery is at least once), losing one is not.
 */
import { PartialWriteError, PermanentError, TooLargeError, toError } from '../core/errors.ts';
import type { LineBatch } from '../core/batch.ts';

/** Lines that will never be taken, and why. */
export interface Refusal {
  readonly lines: readonly string[];
  readonly reason: Error;
}

export type Write = (batch: LineBatch) => Promise<void>;

/**
 * Halving finds one bad line in a batch of 5000 with 26 writes. A destination that refuses nearly everything would cost
 * two writes a line, so after this many the rest of a refused part is given up as a whole.
 */
const MOST_WRITES = 200;

/**
 * @returns what was refused for good; empty when all was taken
 * @throws what `write` throws that is not a refusal; then nothing is settled and the whole batch is to be sent again
 */
export async function deliver(batch: LineBatch, write: Write): Promise<readonly Refusal[]> {
  const refusals: Refusal[] = [];
  let writes = 0;
  const parts = [batch];
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    try {
      writes += 1;
      await write(part);
    } catch (error) {
      const settled = refusal(part, error, writes >= MOST_WRITES);
      if (settled !== undefined) refusals.push(settled);
      else {
        const middle = Math.ceil(part.size / 2);
        parts.push(part.slice(middle, part.size), part.slice(0, middle));
      }
    }
  }
  return refusals;
}

/**
 * @returns undefined when the part has to be halved to find out more
 * @throws the error if it is not a refusal
 */
function refusal(part: LineBatch, error: unknown, exhausted: boolean): Refusal | undefined {
  const reason = toError(error);
  if (isA(reason, PartialWriteError)) {
    const refused = new Set((reason as Pick<PartialWriteError, 'refused'> & Error).refused);
    return { lines: [...part.texts()].filter((_, index) => refused.has(index)), reason };
  }
  const isTooLarge = isA(reason, TooLargeError);
  if (!isTooLarge && !isA(reason, PermanentError)) throw reason;
  const isWorthHalving = part.size > 1 && (isTooLarge || !exhausted);
  return isWorthHalving ? undefined : { lines: [...part.texts()], reason };
}

/** By name, not by class: a plugin from another package may carry a copy of the class. */
function isA(error: Error, kind: { readonly name: string; readonly prototype: Error }): boolean {
  return error.name === kind.name;
}
