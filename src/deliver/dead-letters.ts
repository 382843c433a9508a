/**
 * Lines that destinations refuse for good are kept in `dead-letter.lp`, which can be edited and replayed; letters.ts has the
 * format. A full file is moved to `dead-letter.lp.1`, which replaces the one before.
 */
import { constants } from 'node:fs';
import { lstat, mkdir, open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { retryRename } from '../core/retry-rename.ts';
import type { Clock } from '../core/clock.ts';
import { describeError, unlessMissing } from '../core/errors.ts';
import type { Logger } from '../plugin/index.ts';

import type { Refusal } from './isolate.ts';
import { formatLetters, letterOf } from './letters.ts';

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = constants;

/** Follows no symbolic link and waits for no FIFO. (Windows lacks the last two flags; undefined counts as 0.) */
const APPEND = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK;

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
      await appendPrivately(path, formatLetters(letters));
    } catch (error) {
      log.error(`Refused lines are lost: the dead-letter file cannot be written: ${describeError(error)}`, {
        path,
        lines,
      });
    }
  }

  async function rotate(): Promise<void> {
    const older = `${path}.1`;
    if (((await unlessMissing(lstat(path)))?.size ?? 0) < maxSize) return;
    const gone = await unlessMissing(lstat(older));
    await retryRename(() => rename(path, older));
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

async function appendPrivately(path: string, content: Uint8Array): Promise<void> {
  const handle = await open(path, APPEND, 0o640);
  try {
    if (!(await handle.stat()).isFile()) throw new Error('it is not a regular file');
    await handle.appendFile(content);
  } finally {
    await handle.close();
  }
}
