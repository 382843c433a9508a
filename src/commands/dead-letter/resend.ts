/** Sends groups of refused lines again, and returns the remaining ones. */
import type { Refusal } from '../../deliver/isolate.ts';
import { letterOf, type LetterGroup } from '../../deliver/letters.ts';
import { LineBatch, type BatchLimits } from '../../metric/batch.ts';
import type { Clock } from '../../core/clock.ts';
import { describeError } from '../../core/errors.ts';

import { inBatches } from '../journal/batches.ts';

/** An output that gets the groups. */
export interface Destination {
  readonly limits: BatchLimits;
  /**
   * @returns permanently refused lines
   * @throws if the destination is unreachable
   */
  send(batch: LineBatch): Promise<readonly Refusal[]>;
}

/** The result of sending groups again. */
export interface Resent {
  readonly accepted: number;
  readonly refused: number;
  /** Lines refused again, followed by unsent lines. */
  readonly left: readonly LetterGroup[];
  /** The error that ended it early. */
  readonly failure: unknown;
}

/**
 * Sends groups together: most of them have a single line.
 *
 * @param groups of one output
 */
export async function resend(
  groups: readonly LetterGroup[],
  { limits, send }: Destination,
  clock: Clock,
): Promise<Resent> {
  const left: LetterGroup[] = [];
  let [settled, refused] = [0, 0];
  let failure: unknown;
  try {
    for await (const batch of inBatches(groups, limits)) {
      const refusals = await send(batch);
      settled += batch.size;
      refused += refusals.reduce((sum, { lines }) => sum + lines.length, 0);
      left.push(...refusedAgain(groups[0]?.output ?? '', refusals, clock));
    }
  } catch (error) {
    failure = error;
    for (const group of groupsAfter(groups, settled)) left.push(group);
  }
  return { accepted: settled - refused, refused, left, failure };
}

/** One group per reason. */
function refusedAgain(output: string, refusals: readonly Refusal[], clock: Clock): readonly LetterGroup[] {
  const byReason = new Map<string, { readonly reason: Error; readonly lines: string[] }>();
  for (const { lines, reason } of refusals) {
    const text = describeError(reason);
    const known = byReason.get(text) ?? { reason, lines: [] };
    for (const line of lines) known.lines.push(line);
    byReason.set(text, known);
  }
  return [...byReason.values()].map((refusal) => letterOf(output, refusal, clock.now()));
}

/** The groups without their first `settled` lines. */
function groupsAfter(groups: readonly LetterGroup[], settled: number): readonly LetterGroup[] {
  let before = 0;
  return groups.flatMap((group) => {
    const passed = Math.max(0, settled - before);
    before += group.size;
    if (passed === 0) return [group];
    if (passed >= group.size) return [];
    const { lines, size } = new LineBatch(group.lines, group.size).slice(passed, group.size);
    return [{ ...group, lines, size }];
  });
}
