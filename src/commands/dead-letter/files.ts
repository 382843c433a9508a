/**
 * The dead-letter files in the state directory. A daemon may append to them at the same time.
 *
 * ```
 * dead-letter.lp               appended to by the daemon only
 * dead-letter.lp.1             the rotated one
 * dead-letter.replay/
 *   taken-<number>.lp          being sent again; a killed replay leaves it to the next one
 *   before-<number>.lp         backup: the files before the last replay
 *   lock                       held by the running replay
 * ```
 *
 * A replay moves the files into its own directory and prepends the remaining lines to `dead-letter.lp.1`. No file has two
 * writers, and at any moment every line is in some file.
 */
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { retryRename } from '../../core/retry-rename.ts';
import { deadLetterPath } from '../../deliver/dead-letters.ts';
import { formatLetters, parseLetters, type LetterGroup, type Letters } from '../../deliver/letters.ts';
import type { Clock } from '../../core/clock.ts';
import { unlessMissing } from '../../core/errors.ts';
import { findHolder, HeldError, lockDirectory, type Lock } from '../../journal/lock.ts';

const FOLDER = 'dead-letter.replay';
const TAKEN = /^taken-(\d+)\.lp$/;
const BEFORE = /^before-\d+\.lp$/;

/** The daemon may still be writing to a file that was moved; the write has ended when the file has not grown for this long. */
const QUIET_MS = 100;

function olderPath(stateDirectory: string): string {
  return `${deadLetterPath(stateDirectory)}.1`;
}

/** The daemon's files, oldest first. */
function daemonFiles(stateDirectory: string): readonly string[] {
  return [olderPath(stateDirectory), deadLetterPath(stateDirectory)];
}

/** All groups, oldest first. Read-only. */
export async function readLetters(stateDirectory: string): Promise<Letters> {
  const folder = join(stateDirectory, FOLDER);
  const taken = (await takenIn(folder)).map((name) => join(folder, name));
  const files = [...taken, ...daemonFiles(stateDirectory)];
  const all = (await Promise.all(files.map(readIfExists))).map(parseLetters);
  const groups = all
    .flatMap((letters) => letters.groups)
    .sort((a, b) => (a.time < b.time ? -1 : Number(a.time > b.time)));
  return { groups, unfinished: all.reduce((sum, letters) => sum + letters.unfinished, 0) };
}

/** @returns whether there is anything to replay */
export async function hasLetters(stateDirectory: string): Promise<boolean> {
  const files = await Promise.all(daemonFiles(stateDirectory).map((path) => unlessMissing(stat(path))));
  return files.some((file) => file !== undefined) || (await takenIn(join(stateDirectory, FOLDER))).length > 0;
}

interface TakenFile {
  readonly name: string;
  /** Bytes read. */
  readonly bytes: number;
  /** End of its last complete line. */
  readonly end: number;
}

/** Dead letters moved aside for a replay. */
export class TakenLetters implements Letters {
  readonly groups: readonly LetterGroup[];
  readonly unfinished: number;
  readonly #stateDirectory: string;
  readonly #files: readonly TakenFile[];
  readonly #lock: Lock;

  /** @throws Error if another replay is running */
  static async take(stateDirectory: string, clock: Clock): Promise<TakenLetters> {
    const folder = join(stateDirectory, FOLDER);
    await mkdir(folder, { recursive: true, mode: 0o750 });
    const lock = await lockFolder(folder);
    try {
      await takeFiles(stateDirectory, folder);
      const files: TakenFile[] = [];
      const letters: Letters[] = [];
      for (const name of await takenIn(folder)) {
        const bytes = await readWhenQuiet(join(folder, name), clock);
        files.push({ name, bytes: bytes.length, end: bytes.lastIndexOf('\n') + 1 });
        letters.push(parseLetters(bytes));
      }
      return new TakenLetters(stateDirectory, files, letters, lock);
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  private constructor(stateDirectory: string, files: readonly TakenFile[], letters: readonly Letters[], lock: Lock) {
    this.groups = letters.flatMap(({ groups }) => groups);
    this.unfinished = letters.reduce((sum, { unfinished }) => sum + unfinished, 0);
    this.#stateDirectory = stateDirectory;
    this.#files = files;
    this.#lock = lock;
  }

  /** Puts the remaining groups back, and keeps the taken files as a backup until the next replay. */
  async finish(left: readonly LetterGroup[]): Promise<void> {
    const folder = join(this.#stateDirectory, FOLDER);
    const late = await Promise.all(this.#files.map((file) => readLate(folder, file)));
    await this.#putBack(Buffer.concat([...late, formatLetters(left)]));
    for (const name of await readdir(folder)) if (BEFORE.test(name)) await rm(join(folder, name));
    for (const { name } of this.#files)
      await retryRename(() => rename(join(folder, name), join(folder, name.replace('taken', 'before'))));
  }

  /** Without `finish` the next replay takes the same files. */
  release(): Promise<void> {
    return this.#lock.release();
  }

  async #putBack(left: Buffer): Promise<void> {
    if (left.length === 0) return;
    const path = olderPath(this.#stateDirectory);
    const draft = join(this.#stateDirectory, FOLDER, 'draft');
    await rm(draft, { force: true });
    const handle = await open(draft, 'wx', 0o640);
    try {
      await handle.writeFile(Buffer.concat([left, await readIfExists(path)]));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await retryRename(() => rename(draft, path));
  }
}

async function lockFolder(folder: string): Promise<Lock> {
  try {
    return await lockDirectory(folder);
  } catch (error) {
    if (!(error instanceof HeldError)) throw error;
    const holder = (await findHolder(folder)) ?? 'just ended';
    throw new Error(`Another dead-letter replay is running (process ${holder}); wait for it to end`);
  }
}

async function takeFiles(stateDirectory: string, folder: string): Promise<void> {
  const numbers = (await takenIn(folder)).map(numberOf);
  let number = Math.max(-1, ...numbers) + 1;
  for (const path of daemonFiles(stateDirectory)) {
    const isTaken = retryRename(() => rename(path, join(folder, `taken-${number}.lp`))).then(() => true);
    if ((await unlessMissing(isTaken)) === true) number += 1;
  }
}

/** In the order they were taken. */
async function takenIn(folder: string): Promise<readonly string[]> {
  const names = (await unlessMissing(readdir(folder))) ?? [];
  return names.filter((name) => TAKEN.test(name)).sort((a, b) => numberOf(a) - numberOf(b));
}

function numberOf(name: string): number {
  return Number(TAKEN.exec(name)?.[1] ?? -1);
}

async function readWhenQuiet(path: string, clock: Clock): Promise<Buffer> {
  for (let { size } = await stat(path); ;) {
    await clock.sleep(QUIET_MS);
    const { size: now } = await stat(path);
    if (now === size) return readFile(path);
    size = now;
  }
}

/** Bytes that the daemon wrote after the file was read. */
async function readLate(folder: string, { name, bytes, end }: TakenFile): Promise<Buffer> {
  const now = await readFile(join(folder, name));
  return now.subarray(now.length === bytes ? now.length : end);
}

/** Empty if the file does not exist. */
async function readIfExists(path: string): Promise<Buffer> {
  return (await unlessMissing(readFile(path))) ?? Buffer.alloc(0);
}
