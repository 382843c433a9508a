/**
 * The local folder with the files that are not uploaded yet:
 *
 *   current.lp                        being written
 *   closed-<time>.lp                  finished, not compressed yet
 *   healthd-<host>-<time>-<hash>.lp.gz   to be uploaded
 *
 * Each step is a rename, so a crash leaves one of these. Compressing a file again results in the same name.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

import { retryRename, formatHeader, type Clock, type Format } from '../../plugin/index.ts';
import { AppendFile } from '../append-file.ts';

import { extensionOf, finishedName, parseName, stamp } from './file-names.ts';

export interface SpoolOptions {
  readonly folder: string;
  readonly hostname: string;
  readonly format: Format;
  readonly rotate: { readonly size: number; readonly age: number; readonly gzip: boolean };
  /** Bytes. */
  readonly maxBytes: number;
  readonly clock: Clock;
}

export interface FinishedFile {
  readonly path: string;
  readonly name: string;
  /** The first digits of the SHA-256 of its content. */
  readonly hash: string;
  /** Bytes. */
  readonly size: number;
}

const CURRENT = /^current\.(lp|ndjson|csv)$/;
const CLOSED = /^closed-(\d{8}T\d{9}Z)\.(lp|ndjson|csv)$/;
/** The compressed file while it is being written. */
const PARTIAL = 'compressing.partial';
const MODE = 0o640;

/** The folder has reached `maxBytes`. */
export class SpoolFullError extends Error {
  override readonly name = 'SpoolFullError';
}

export class Spool {
  readonly #options: SpoolOptions;
  readonly #currentName: string;
  readonly #current: AppendFile;
  /** Serializes all access to the current file. */
  #tail: Promise<unknown> = Promise.resolve();
  #isOpen = false;
  /** Size of all files except the current one. Bytes. */
  #pending = 0;
  /** When this process created the current file; not all file systems record birth times. Milliseconds since the Unix epoch. */
  #createdAt: number | undefined;

  constructor(options: SpoolOptions) {
    this.#options = options;
    this.#currentName = `current.${extensionOf(options.format)}`;
    this.#current = new AppendFile({ path: join(options.folder, this.#currentName), sync: true });
  }

  /** @throws if the folder cannot be created or written */
  open(): Promise<void> {
    return this.#next(() => this.#open());
  }

  /**
   * Resolves when the text is synced to disk.
   *
   * @throws SpoolFullError; or another error if the write failed, with nothing of the text in the file
   */
  append(text: Uint8Array, signal: AbortSignal): Promise<void> {
    return this.#next(async () => {
      signal.throwIfAborted();
      await this.#open();
      const { rotate, maxBytes, clock, folder, format } = this.#options;
      let { size } = await this.#current.state();
      const held = this.#pending + size;
      if (held > 0 && held + text.length > maxBytes)
        throw new SpoolFullError(`${folder} has ${held} bytes, of at most ${maxBytes}`);
      if (size > 0 && (size + text.length > rotate.size || (await this.#isOld()))) {
        await this.#close();
        size = 0;
      }
      if (size > 0) {
        await this.#current.append(text);
        return;
      }
      this.#createdAt = clock.now();
      await this.#current.append(Buffer.concat([Buffer.from(formatHeader(format)), text]));
      await syncFolder(folder);
    });
  }

  /**
   * Finishes the current file if it is due, and all closed files.
   *
   * @param always finishes the current file even if it is neither large nor old
   * @returns the files to upload, oldest first
   */
  async finish(always: boolean): Promise<readonly FinishedFile[]> {
    await this.#next(async () => {
      await this.#open();
      const { size } = await this.#current.state();
      if (size > 0 && (always || size > this.#options.rotate.size || (await this.#isOld()))) await this.#close();
    });
    for (const name of (await this.#names()).sort()) {
      const [, time, extension] = CLOSED.exec(name) ?? [];
      if (time !== undefined && extension !== undefined) await this.#seal(name, time, extension);
    }
    await this.#measure();
    return this.#finished();
  }

  /** For files that the server has. Touches no other file: after a long outage there may be thousands. */
  async remove({ path, size }: FinishedFile): Promise<void> {
    await rm(path, { force: true });
    this.#pending = Math.max(0, this.#pending - size);
  }

  close(): Promise<void> {
    return this.#next(() => this.#current.close());
  }

  async #open(): Promise<void> {
    if (this.#isOpen) return;
    await mkdir(this.#options.folder, { recursive: true, mode: 0o750 });
    // In another format, from before a change of the configuration.
    const others = (await this.#names()).filter((name) => CURRENT.test(name) && name !== this.#currentName);
    for (const name of others) await this.#rename(name);
    await this.#current.state();
    await this.#measure();
    this.#isOpen = true;
  }

  /** Also true for a file from the future: after the clock is set back by a week, it would not be finished for a week. */
  async #isOld(): Promise<boolean> {
    const { clock, rotate } = this.#options;
    const { born } = await this.#current.state();
    return Math.abs(clock.now() - (this.#createdAt ?? born)) >= rotate.age;
  }

  async #close(): Promise<void> {
    await this.#current.close();
    await this.#rename(this.#currentName);
    this.#createdAt = undefined;
    await this.#measure();
  }

  /** Renames a current file to the first free name of a closed file. */
  async #rename(name: string): Promise<void> {
    const { folder, clock } = this.#options;
    const times = (await this.#names()).map((taken) => CLOSED.exec(taken)?.[1] ?? parseName(taken)?.time);
    let time = clock.now();
    while (times.includes(stamp(time))) time += 1;
    await retryRename(() =>
      rename(join(folder, name), join(folder, name.replace('current.', `closed-${stamp(time)}.`))),
    );
    await syncFolder(folder);
  }

  /** Finishes a closed file; without compression if the disk is too full for a compressed copy. */
  async #seal(name: string, time: string, extension: string): Promise<void> {
    const { folder, hostname, rotate } = this.#options;
    const path = join(folder, name);
    const partial = join(folder, PARTIAL);
    const compressed = rotate.gzip ? await compress(path, partial) : undefined;
    const hash = compressed ?? (await hashOf(path));
    const suffix = compressed === undefined ? extension : `${extension}.gz`;
    await retryRename(() =>
      rename(compressed === undefined ? path : partial, join(folder, finishedName(hostname, time, hash, suffix))),
    );
    await syncFolder(folder);
    await rm(path, { force: true });
  }

  /** Includes files from before a change of the host name. */
  async #finished(): Promise<readonly FinishedFile[]> {
    const { folder } = this.#options;
    const files: FinishedFile[] = [];
    for (const name of (await this.#names()).sort()) {
      const parsed = parseName(name);
      if (parsed === undefined || parsed.isPart) continue;
      const path = join(folder, name);
      files.push({ path, name, hash: parsed.hash, size: (await stat(path)).size });
    }
    return files;
  }

  async #measure(): Promise<void> {
    let bytes = 0;
    for (const name of await this.#names()) {
      if (name === this.#currentName) continue;
      bytes += (await stat(join(this.#options.folder, name)).catch(() => undefined))?.size ?? 0;
    }
    this.#pending = bytes;
  }

  #names(): Promise<string[]> {
    return readdir(this.#options.folder);
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(work);
    // The caller gets the error; the next operation only waits for the end.
    this.#tail = Promise.allSettled([result]);
    return result;
  }
}

/** @returns the SHA-256 of the compressed file, which is synced to disk; undefined if compressing failed */
async function compress(from: string, to: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    // What is left of an earlier attempt, or was put in its place.
    await rm(to, { force: true });
    const file = await open(to, 'wx', MODE);
    try {
      await pipeline(createReadStream(from), createGzip(), async (chunks: AsyncIterable<Uint8Array>) => {
        for await (const chunk of chunks) {
          hash.update(chunk);
          await file.appendFile(chunk);
        }
      });
      await file.sync();
    } finally {
      await file.close();
    }
    return hash.digest('hex');
  } catch {
    await rm(to, { force: true });
    return undefined;
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

/** Makes renames durable. Windows cannot open folders. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
