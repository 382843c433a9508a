/**
 * A file rotated by size. winston's own file transport does not report write errors, stops for good when it has to rotate
 * while it opens, and crashes the process when it cannot compress.
 */
import { mkdir, open, rename, rm, truncate, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

import { cutBack } from '../core/cut-back.ts';
import { retryRename } from '../core/retry-rename.ts';
import { errorCode } from '../core/errors.ts';

import type { Destination } from './line-queue.ts';
import { APPEND, FILE_MODE, FOLDER_MODE, isExposed, refuseSpecial } from './private-file.ts';
import { compress, rotationOf } from './rotation.ts';

export interface RotatedFileOptions {
  readonly path: string;
  /** Bytes. */
  readonly maxSize: number;
  /** Number of rotated files to keep, at least 1. */
  readonly keep: number;
  readonly gzip: boolean;
  /** Called once when rotating begins to fail. */
  readonly report: (error: unknown) => void;
}

interface OpenFile {
  readonly handle: FileHandle;
  /** Bytes. */
  size: number;
}

/** Creates the file with the first write. */
export function rotatedFile(options: RotatedFileOptions): Destination {
  const { path, maxSize } = options;
  let file: OpenFile | undefined;
  let cannotRotate = false;

  async function close(): Promise<void> {
    const { handle } = file ?? {};
    file = undefined;
    await handle?.close();
  }

  /** A file that cannot be rotated keeps growing: better too large than without the newest lines. */
  async function rotateIfPossible(): Promise<void> {
    try {
      await rotate(options);
      cannotRotate = false;
    } catch (error) {
      if (!cannotRotate) options.report(error);
      cannotRotate = true;
    }
  }

  return {
    async write(text) {
      const bytes = Buffer.from(text);
      file ??= await openFile(path);
      if (file.size > 0 && file.size + bytes.length > maxSize) {
        await close();
        await rotateIfPossible();
        file = await openFile(path);
      }
      try {
        await file.handle.appendFile(bytes);
        file.size += bytes.length;
      } catch (error) {
        // Remove a partial line if possible.
        const { handle, size } = file;
        await cutBack(
          () => handle.truncate(size),
          () => truncate(path, size),
        ).catch(() => undefined);
        await close();
        throw error;
      }
    },
    close,
  };
}

async function openFile(path: string): Promise<OpenFile> {
  await mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE });
  const handle = await open(path, APPEND, FILE_MODE);
  try {
    const status = await handle.stat();
    refuseSpecial(path, status);
    // A file of an earlier version may be readable for everybody.
    if (isExposed(status)) await handle.chmod(FILE_MODE);
    return { handle, size: status.size };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function rotate({ path, keep, gzip }: RotatedFileOptions): Promise<void> {
  const { remove, move, newest } = rotationOf(path, keep);
  for (const file of remove) await rm(file, { force: true });
  for (const [from, to] of move) await renameIfThere(from, to);
  if (gzip) await compress(newest);
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await retryRename(() => rename(from, to));
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}
