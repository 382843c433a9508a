/**
 * Lines that destinations refuse for good are kept in `dead-letter.lp`, which can be edited and replayed; letters.ts has the
 * format. A full file is moved to `dead-letter.lp.1`, which replaces the one before.
 */
import { appendFile, mkdir, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { Clock } from '../core/clock.ts';
import { describeError, unlessMissing } from '../core/errors.ts';
import type { Logger } from '../plugin/index.ts';

import type { Refusal } from './isolate.ts';
import { formatLetters, letterOf } from './letters.ts';

/** The file in a state directory. */
export function deadLetterPath(stateDirectory: string): string {
  return join(stateDirectory, 'dead-letter.lp');
}

export interface DeadLetters {
  /** Never throws: a failure is logged as lost data. Calls run in order. */
  add(output: string, refusals: readonly Refusal[]): Promise<void>;
}

export interface DeadLetterOptions {
  readonly path: string;
  /** Bytes. */
  readonly maxSize?: number;
  readonly clock: Clock;
  readonly log: Logger;
}

export function openDeadLetters({ path, maxSize = 10 * 1024 * 1024, clock, log }: DeadLetterOptions): DeadLetters {
  let turn = Promise.resolve();

  async function append(output: string, refusals: readonly Refusal[]): Promise<void> {
    const lines = refusals.reduce((sum, refusal) => sum + refusal.lines.length, 0);
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o750 });
      await rotate();
      const letters = refusals.map((refusal) => letterOf(output, refusal, clock.now()));
      await appendFile(path, formatLetters(letters), { mode: 0o640 });
    } catch (error) {
      log.error(`Refused lines are lost: the dead-letter file cannot be written: ${describeError(error)}`, {
        path,
        lines,
      });
    }
  }

  async function rotate(): Promise<void> {
    const older = `${path}.1`;
    if (((await unlessMissing(stat(path)))?.size ?? 0) < maxSize) return;
    const gone = await unlessMissing(stat(older));
    await rename(path, older);
    if (gone !== undefined)
      log.warn('The older dead letters were deleted to make room', { path: older, bytes: gone.size });
  }

  return {
    add(output, refusals) {
      turn = turn.then(() => append(output, refusals));
      return turn;
    },
  };
}
