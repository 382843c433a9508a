/**
 * How one batch gets to one destination. Lines that the destination refuses for good are isolated, so that the good ones
 * around them arrive; everything else is the caller's to retry with the same batch. Sending a line twice is allowed
 * (delivery is at least once), losing one is not.
 *
 * Isolating is halving, from the front to the back: one bad line in a batch of 5000 is found with 26 writes. It goes on for
 * as long as the destination takes some of the lines, however many it refuses. A destination that takes none is found out
 * by a sample: after so many refusals in a row, lines from all over the rest are sent alone until one is taken. If none is,
 * the rest is given up as a whole, after 100 writes. If one is, that line is sent once more with the part it belongs to.
 */
import { toError } from '../core/errors.ts';
import { PartialWriteError, PermanentError, TooLargeError } from '../plugin/errors.ts';
import type { LineBatch } from '../metric/batch.ts';

/** Lines that will never be taken, and why. */
export interface Refusal {
  readonly lines: readonly string[];
  readonly reason: Error;
}

export type Write = (batch: LineBatch) => Promise<void>;

/** Refusals in a row until a sample is taken; finding a bad line between good ones takes 13 at most. */
const REFUSALS_IN_A_ROW = 50;

/** With one good line among ten, a sample of this size misses all good ones in one of 200 cases. */
const SAMPLE_LINES = 50;

/**
 * @returns what was refused for good; empty when all was taken
 * @throws what `write` throws that is not a refusal; then nothing is settled and the whole batch is to be sent again
 */
export async function deliver(batch: LineBatch, write: Write): Promise<readonly Refusal[]> {
  const refusals: Refusal[] = [];
  /** What is left, the front of it last. */
  const parts = [batch];
  let inARow = 0;
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    const reason = await refusedBecause(part, write);
    const isPartial = reason !== undefined && isA(reason, PartialWriteError);
    inARow = reason === undefined || isPartial ? 0 : inARow + 1;
    if (reason === undefined) continue;
    if (isPartial) refusals.push({ lines: namedLines(part, reason), reason });
    else if (part.size === 1) refusals.push({ lines: [...part.texts()], reason });
    else parts.push(...halves(part).reverse());
    if (inARow < REFUSALS_IN_A_ROW || parts.length === 0) continue;
    inARow = 0;
    if (await takesAny(parts, write)) continue;
    refusals.push({ lines: parts.reverse().flatMap((rest) => [...rest.texts()]), reason });
    break;
  }
  return refusals;
}

/** Whether an error says that the batch is larger than the destination takes. */
export function isTooLarge(error: unknown): boolean {
  return isA(toError(error), TooLargeError);
}

/**
 * @returns undefined when the part was taken
 * @throws what is not a refusal
 */
async function refusedBecause(part: LineBatch, write: Write): Promise<Error | undefined> {
  try {
    await write(part);
    return undefined;
  } catch (error) {
    const reason = toError(error);
    if ([PartialWriteError, PermanentError, TooLargeError].some((kind) => isA(reason, kind))) return reason;
    throw reason;
  }
}

/** Sends lines from all over the parts, each alone, until one is taken. */
async function takesAny(parts: readonly LineBatch[], write: Write): Promise<boolean> {
  const total = parts.reduce((sum, part) => sum + part.size, 0);
  const count = Math.min(SAMPLE_LINES, total);
  for (let drawn = 0; drawn < count; drawn += 1) {
    const line = lineAt(parts, Math.floor(((drawn + 0.5) * total) / count));
    if (line !== undefined && (await refusedBecause(line, write)) === undefined) return true;
  }
  return false;
}

function lineAt(parts: readonly LineBatch[], position: number): LineBatch | undefined {
  let before = 0;
  for (const part of parts) {
    if (position < before + part.size) return part.slice(position - before, position - before + 1);
    before += part.size;
  }
  return undefined;
}

function halves(part: LineBatch): LineBatch[] {
  const middle = Math.ceil(part.size / 2);
  return [part.slice(0, middle), part.slice(middle, part.size)];
}

function namedLines(part: LineBatch, reason: Error): readonly string[] {
  const refused = new Set((reason as Error & Pick<PartialWriteError, 'refused'>).refused);
  return [...part.texts()].filter((_, index) => refused.has(index));
}

/** By name, not by class: a plugin from another package may carry a copy of the class. */
function isA(error: Error, kind: { readonly name: string; readonly prototype: Error }): boolean {
  return error.name === kind.name;
}
