/** How rotated files are called, and how they move: `healthd.log`, `healthd1.log.gz`, which is the newest, `healthd2.log.gz`, … */
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

export interface Rotation {
  /** Those that are removed, if they are there. */
  readonly remove: readonly string[];
  /** In this order, each if it is there; the last one is that of the file itself. */
  readonly move: readonly (readonly [from: string, to: string])[];
  /** What the file itself has become. */
  readonly newest: string;
}

/** Compressed or not: the setting may have changed, or there was no room to compress. */
const SUFFIXES = ['', '.gz'] as const;

/** @param keep how many rotated files there may be, at least 1 */
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

/** Puts `path.gz` in the place of a file. What cannot be compressed, because the disk is full, stays as it is. Never throws. */
export async function compress(path: string): Promise<void> {
  const partial = `${path}.gz.partial`;
  try {
    await pipeline(createReadStream(path), createGzip(), createWriteStream(partial));
    await rename(partial, `${path}.gz`);
    await rm(path);
  } catch {
    // A disk that has become read-only keeps it; the next file to be compressed writes over it.
    await rm(partial, { force: true }).catch(() => undefined);
  }
}
