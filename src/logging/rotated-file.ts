/**
 * A file that is rotated by size: `healthd.log`, then `healthd1.log.gz`, which is the newest, `healthd2.log.gz`, … winston's
 * own does not say when it cannot write, stops for good when it has to rotate while it opens, and ends the process when it
 * cannot compress.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join, parse } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

import { errorCode } from '../core/errors.ts';

import type { Destination } from './line-queue.ts';

export interface RotatedFileOptions {
  readonly path: string;
  /** Bytes. */
  readonly maxSize: number;
  /** How many rotated files are kept beside it, at least 1. */
  readonly keep: number;
  readonly gzip: boolean;
}

interface OpenFile {
  readonly handle: FileHandle;
  /** Bytes. */
  size: number;
}

const SUFFIXES = ['', '.gz'] as const;

/** Made with the first text. */
export function rotatedFile(options: RotatedFileOptions): Destination {
  const { path, maxSize } = options;
  let file: OpenFile | undefined;

  async function close(): Promise<void> {
    const { handle } = file ?? {};
    file = undefined;
    await handle?.close();
  }

  return {
    async write(text) {
      const bytes = Buffer.from(text);
      file ??= await openFile(path);
      if (file.size > 0 && file.size + bytes.length > maxSize) {
        await close();
        await rotate(options);
        file = await openFile(path);
      }
      try {
        await file.handle.appendFile(bytes);
        file.size += bytes.length;
      } catch (error) {
        // No half of a line stays, if that can be helped.
        await file.handle.truncate(file.size).catch(() => undefined);
        await close();
        throw error;
      }
    },
    close,
  };
}

async function openFile(path: string): Promise<OpenFile> {
  await mkdir(dirname(path), { recursive: true });
  const handle = await open(path, 'a');
  return { handle, size: (await handle.stat()).size };
}

/** Each file takes the place of the next older one; the oldest is removed. */
async function rotate({ path, keep, gzip }: RotatedFileOptions): Promise<void> {
  const { dir, name, ext } = parse(path);
  const older = (index: number) => join(dir, `${name}${index}${ext}`);
  for (const suffix of SUFFIXES) await rm(older(keep) + suffix, { force: true });
  for (let index = keep; index > 1; index -= 1) {
    for (const suffix of SUFFIXES) await renameIfThere(older(index - 1) + suffix, older(index) + suffix);
  }
  await rename(path, older(1));
  if (gzip) await compress(older(1));
}

/** What cannot be compressed, because the disk is full, stays as it is. */
async function compress(path: string): Promise<void> {
  const partial = `${path}.gz.partial`;
  try {
    await pipeline(createReadStream(path), createGzip(), createWriteStream(partial));
    await rename(partial, `${path}.gz`);
    await rm(path);
  } catch {
    await rm(partial, { force: true });
  }
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}
