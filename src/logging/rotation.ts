/** Names of rotated files: `healthd.log`, then `healthd1.log.gz` (the newest), `healthd2.log.gz`, … */
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

import { retryRename } from '../core/retry-rename.ts';
import { FILE_MODE } from './private-file.ts';

export interface Rotation {
  /** Files to remove, if they exist. */
  readonly remove: readonly string[];
  /** Files to rename, if they exist, in this order. The last is the log file itself. */
  readonly move: readonly (readonly [from: string, to: string])[];
  /** The new name of the log file. */
  readonly newest: string;
}

/** A rotated file may be uncompressed: the setting has changed, or compression failed. */
const SUFFIXES = ['', '.gz'] as const;

/** @param keep maximum number of rotated files, at least 1 */
export function rotationOf(path: string, keep: number): Rotation {
  const { dir, name, ext } = parse(path);
  const older = (index: number) => join(dir, `${name}${index}${ext}`);
  const steps = Array.from({ length: keep - 1 }, (_, index) => keep - 1 - index);
  const moves = steps.flatMap((index) =>
    SUFFIXES.map((suffix) => [older(index) + suffix, older(index + 1) + suffix] as const),
  );
  return {
    remove: SUFFIXES.map((suffix) => older(keep) + suffix),
    move: [...moves, [path, older(1)]],
    newest: older(1),
  };
}

/** Replaces a file by `path.gz`. If that fails, for instance on a full disk, the file stays as it is. Never throws. */
export async function compress(path: string): Promise<void> {
  const partial = `${path}.gz.partial`;
  try {
    // What is left of an earlier attempt, or was put in its place.
    await rm(partial, { force: true });
    const target = createWriteStream(partial, { flags: 'wx', mode: FILE_MODE });
    await pipeline(createReadStream(path), createGzip(), target);
    await retryRename(() => rename(partial, `${path}.gz`));
    await rm(path);
  } catch {
    // On a read-only disk the partial file stays; the next compression removes it.
    await rm(partial, { force: true }).catch(() => undefined);
  }
}
