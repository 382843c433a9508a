/**
 * The dead-letter files in the state directory, beside a daemon that may add to them.
 *
 * ```
 * dead-letter.lp               the daemon adds to it, and nobody else
 * dead-letter.lp.1             the one before
 * dead-letter.replay/
 *   taken-<number>.lp          being sent again; left there by a replay that was killed, the next one takes it up
 *   before-<number>.lp         as they were before the last replay
 *   lock                       held by the replay that runs
 * ```
 *
 * A replay moves the files into its own directory, and puts what is left into `dead-letter.lp.1`, in front of what has
 * come there meanwhile. So no file is ever written by two, and at any moment everything lies in some file.
 */
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

import type { Clock } from '../../core/clock.ts';
import { errorCode } from '../../core/errors.ts';
import { findHolder, HeldError, lockDirectory, type Lock } from '../../journal/lock.ts';

import { formatLetters, parseLetters, type LetterGroup, type Letters } from './letters.ts';

const NEWEST = 'dead-letter.lp';
const OLDER = `${NEWEST}.1`;
const FOLDER = 'dead-letter.replay';
const TAKEN = /^taken-(\d+)\.lp$/;
const BEFORE = /^before-\d+\.lp$/;

/** A write that had begun when a file was taken away has ended when the file has not grown for this long. */
const QUIET_MS = 100;

/** Everything that is there, the oldest first. Changes nothing. */
export async function readLetters(stateDirectory: string): Promise<Letters> {
  const folder = join(stateDirectory, FOLDER);
  const taken = (await takenIn(folder)).map((name) => join(folder, name));
  const files = [...taken, join(stateDirectory, OLDER), join(stateDirectory, NEWEST)];
  const all = (await Promise.all(files.map(readIfThere))).map((bytes) => parseLetters(bytes ?? Buffer.alloc(0)));
  const groups = all
    .flatMap((letters) => letters.groups)
    .sort((a, b) => (a.time < b.time ? -1 : Number(a.time > b.time)));
  return { groups, unfinished: all.reduce((sum, letters) => sum + letters.unfinished, 0) };
}

/** @returns whether there is a file to take */
export async function hasLetters(stateDirectory: string): Promise<boolean> {
  const files = await Promise.all([OLDER, NEWEST].map((name) => sizeOf(join(stateDirectory, name))));
  return files.some((size) => size !== undefined) || (await takenIn(join(stateDirectory, FOLDER))).length > 0;
}

interface TakenFile {
  readonly name: string;
  /** How much of it has been read. */
  readonly bytes: number;
  /** Where its last whole line ends. */
  readonly end: number;
}

/** Letters that were taken away to be sent again. */
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

  /** Puts back what is left, and keeps the files as they were until the next time. */
  async finish(left: readonly LetterGroup[]): Promise<void> {
    const folder = join(this.#stateDirectory, FOLDER);
    const late = await Promise.all(this.#files.map((file) => readLate(folder, file)));
    await this.#putBack(Buffer.concat([...late, formatLetters(left)]));
    for (const name of await readdir(folder)) if (BEFORE.test(name)) await rm(join(folder, name));
    for (const { name } of this.#files) await rename(join(folder, name), join(folder, name.replace('taken', 'before')));
  }

  /** Whatever was not finished is there for the next replay. */
  release(): Promise<void> {
    return this.#lock.release();
  }

  async #putBack(left: Buffer): Promise<void> {
    if (left.length === 0) return;
    const path = join(this.#stateDirectory, OLDER);
    const draft = join(this.#stateDirectory, FOLDER, 'draft');
    await rm(draft, { force: true });
    const handle = await open(draft, 'wx', 0o640);
    try {
      await handle.writeFile(Buffer.concat([left, (await readIfThere(path)) ?? Buffer.alloc(0)]));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, path);
  }
}

async function lockFolder(folder: string): Promise<Lock> {
  try {
    return await lockDirectory(folder);
  } catch (error) {
    if (!(error instanceof HeldError)) throw error;
    const holder = (await findHolder(folder)) ?? 'that has just ended';
    throw new Error(`Another replay of dead letters is running (process ${holder}); wait until it has ended`);
  }
}

async function takeFiles(stateDirectory: string, folder: string): Promise<void> {
  const numbers = (await takenIn(folder)).map(numberOf);
  let number = Math.max(-1, ...numbers) + 1;
  for (const name of [OLDER, NEWEST]) {
    try {
      await rename(join(stateDirectory, name), join(folder, `taken-${number}.lp`));
      number += 1;
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
  }
}

/** In the order in which they were taken. */
async function takenIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => TAKEN.test(name)).sort((a, b) => numberOf(a) - numberOf(b));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

function numberOf(name: string): number {
  return Number(TAKEN.exec(name)?.[1] ?? -1);
}

async function readWhenQuiet(path: string, clock: Clock): Promise<Buffer> {
  for (let size = await sizeOf(path); ;) {
    await clock.sleep(QUIET_MS);
    const now = await sizeOf(path);
    if (now === size) return readFile(path);
    size = now;
  }
}

/** What was written all the same after the file had been read. */
async function readLate(folder: string, { name, bytes, end }: TakenFile): Promise<Buffer> {
  const now = await readFile(join(folder, name));
  return now.subarray(now.length === bytes ? now.length : end);
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
