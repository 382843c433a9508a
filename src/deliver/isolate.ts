/**
 * Isolates the lines that a destination refuses for good, so that the good ones around them arrive. The caller retries
 * everything else with the same batch: delivery is at least once, so a line may be sent twice but never lost.
 *
 * A refused batch is halved, front to back: 26 writes find one bad line among 5000. Halving continues while the destination
 * accepts some lines, however many it refuses. To detect one that accepts none, 50 refusals in a row trigger a probe: lines
 * spread over the rest are sent alone until one is accepted. If none is, the rest is refused as a whole, after 100 writes;
 * otherwise the accepted line is sent once more with its part.
 */
import { toError } from '../core/errors.ts';
import { PartialWriteError, PermanentError, TooLargeError } from '../plugin/errors.ts';
import type { LineBatch } from '../metric/batch.ts';

/** Lines that the destination will never accept, and why. */
export interface Refusal {
  readonly lines: readonly string[];
  readonly reason: Error;
}

export type Write = (batch: LineBatch) => Promise<void>;

/** Refusals in a row before a probe; isolating one bad line among good ones takes 13 at most. */
const REFUSALS_IN_A_ROW = 50;

/** With one good line in ten, a probe of this size misses all good lines in one of 200 cases. */
const PROBE_LINES = 50;

/**
 * @returns the refused lines; empty if all were accepted
 * @throws any error of `write` that is no refusal; then the whole batch has to be sent again
 */
export async function isolateRefused(batch: LineBatch, write: Write): Promise<readonly Refusal[]> {
  const refusals: Refusal[] = [];
  /** The parts left, the front one last. */
  const parts = [batch];
  let inARow = 0;
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    const reason = await refusalOf(part, write);
    if (reason === undefined) {
      inARow = 0;
      continue;
    }
    const { refused, rest } = divide(part, reason);
    for (const refusal of refused) refusals.push(refusal);
    parts.push(...rest.reverse());
    inARow = isA(reason, PartialWriteError) && rest.length === 0 ? 0 : inARow + 1;
    if (inARow < REFUSALS_IN_A_ROW || parts.length === 0) continue;
    inARow = 0;
    if (await acceptsAny(parts, write)) continue;
    refusals.push({ lines: parts.reverse().flatMap((rest) => [...rest.texts()]), reason });
    break;
  }
  return refusals;
}

/** Whether the error says that the batch exceeds the destination's size limit. */
export function isTooLarge(error: unknown): boolean {
  return isA(toError(error), TooLargeError);
}

/**
 * @returns undefined if the part was accepted
 * @throws errors that are no refusal
 */
async function refusalOf(part: LineBatch, write: Write): Promise<Error | undefined> {
  try {
    await write(part);
    return undefined;
  } catch (error) {
    const reason = toError(error);
    if ([PartialWriteError, PermanentError, TooLargeError].some((kind) => isA(reason, kind))) return reason;
    throw reason;
  }
}

/** Sends lines spread over the parts, each alone, until one is accepted. */
async function acceptsAny(parts: readonly LineBatch[], write: Write): Promise<boolean> {
  const total = parts.reduce((sum, part) => sum + part.size, 0);
  const count = Math.min(PROBE_LINES, total);
  for (let drawn = 0; drawn < count; drawn += 1) {
    const line = lineAt(parts, Math.floor(((drawn + 0.5) * total) / count));
    if (line !== undefined && (await refusalOf(line, write)) === undefined) return true;
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

/** The lines that the reason condemns, and the parts that have to be written again. */
function divide(part: LineBatch, reason: Error): { readonly refused: readonly Refusal[]; readonly rest: LineBatch[] } {
  if (isA(reason, PartialWriteError)) {
    const { refused, restIsStored } = reason as Pick<PartialWriteError, 'refused'> & Partial<PartialWriteError>;
    const named = namedRefusals(part, reason);
    const count = named.reduce((sum, { lines }) => sum + lines.length, 0);
    if (restIsStored !== false || count === part.size) return { refused: named, rest: [] };
    if (count > 0) return { refused: named, rest: [part.without(new Set(refused))] };
  }
  return part.size === 1
    ? { refused: [{ lines: [...part.texts()], reason }], rest: [] }
    : { refused: [], rest: halves(part) };
}

/** Lines with the same reason together. */
function namedRefusals(part: LineBatch, error: Error): readonly Refusal[] {
  const { refused, reasons } = error as Pick<PartialWriteError, 'refused'> & Partial<PartialWriteError>;
  const reasonAt = new Map(refused.map((position, index) => [position, reasons?.[index]]));
  const groups = new Map<string | undefined, string[]>();
  for (const [position, line] of [...part.texts()].entries()) {
    if (!reasonAt.has(position)) continue;
    const reason = reasonAt.get(position);
    const lines = groups.get(reason);
    if (lines === undefined) groups.set(reason, [line]);
    else lines.push(line);
  }
  return [...groups].map(([reason, lines]) => ({ lines, reason: reason === undefined ? error : new Error(reason) }));
}

/** By name, not by class: an external plugin may carry a copy of the class. */
function isA(error: Error, kind: { readonly name: string; readonly prototype: Error }): boolean {
  return error.name === kind.name;
}
