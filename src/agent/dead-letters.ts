/**
 * What destinations refuse for good is kept in `dead-letter.lp`: line protocol, with a comment above each group that says
 * when, which output and why. The file can be corrected and written again as it is. It is bounded: a full one is moved to
 * `dead-letter.lp.1` in place of the one before.
 *
 * ```
 * # 2026-01-31T12:00:00.000Z output=influxdb lines=2 reason="field type conflict"
 * cpu,host=a usage_idle="98" 1769860800000000000
 * mail text="one line of line protocol,
 * two lines of text" 1769860800000000000
 * ```
 *
 * The reason is a JSON string, so the comment is one line of text. `lines` counts lines of line protocol: a string in one of
 * them may hold newlines, so to count lines of text is wrong, and only what knows about quotes (`LineBatch.texts()`) finds
 * their ends. Such a string may even hold what looks like a comment; `lines` tells the difference. A full disk or a crash may
 * cut a group short; then the comment of the next one follows without a newline before it.
 */
import { appendFile, mkdir, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

import type { Clock } from '../core/clock.ts';
import { describeError, errorCode } from '../core/errors.ts';
import type { Logger } from '../plugin.ts';

import type { Refusal } from './delivery.ts';

export interface DeadLetters {
  /** Never throws: a failure is logged as lost data. Calls are taken in turn. */
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
      await appendFile(path, refusals.map((refusal) => format(output, refusal)).join(''), { mode: 0o640 });
    } catch (error) {
      log.error(`Refused lines are lost, because the dead-letter file cannot be written: ${describeError(error)}`, {
        path,
        lines,
      });
    }
  }

  function format(output: string, { lines, reason }: Refusal): string {
    const time = new Date(clock.now()).toISOString();
    return `# ${time} output=${output} lines=${lines.length} reason=${JSON.stringify(describeError(reason))}\n${lines.join('\n')}\n`;
  }

  async function rotate(): Promise<void> {
    const older = `${path}.1`;
    if (((await sizeOf(path)) ?? 0) < maxSize) return;
    const bytes = await sizeOf(older);
    await rename(path, older);
    if (bytes !== undefined)
      log.warn('The older half of the dead letters is gone, to make room', { path: older, bytes });
  }

  return {
    add(output, refusals) {
      turn = turn.then(() => append(output, refusals));
      return turn;
    },
  };
}

/** @returns undefined if there is no such file */
async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    return undefined;
  }
}
