/**
 * The rotated files beside the live one: `<path>.<UTC time of the rotation>Z[.gz]`, so that their names sort by age. A
 * name never changes, except for the added `.gz`, so compressing in the background is free of races.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { retryRename } from '../../plugin/index.ts';
import { createGzip } from 'node:zlib';

export interface ArchiveOptions {
  /** The live file. */
  readonly path: string;
  /** Maximum number of rotated files. */
  readonly keep: number;
  readonly gzip: boolean;
  /** Called for errors in the background; the files stay as they are. */
  readonly onError: (error: Error) => void;
}

const PARTIAL = '.gz.partial';
const SUFFIX = /^\.\d{8}T\d{6}\.\d{3}Z(\.gz|\.gz\.partial)?$/;

export class Archive {
  readonly #options: ArchiveOptions;
  #work: Promise<void> = Promise.resolve();

  constructor(options: ArchiveOptions) {
    this.#options = options;
  }

  /**
   * Renames the live file to its final name; compresses and removes old files in the background.
   *
   * @param now milliseconds since the Unix epoch
   * @throws if the file cannot be renamed
   */
  async rotate(now: number): Promise<void> {
    const { path } = this.#options;
    try {
      const taken = new Set((await this.#list()).map((name) => name.replace(/\.gz(\.partial)?$/, '')));
      let time = now;
      while (taken.has(basename(path) + stamp(time))) time += 1;
      await retryRename(() => rename(path, path + stamp(time)));
    } catch (error) {
      throw new Error(`Could not rotate ${path}; its folder must be writable`, { cause: error });
    }
    this.cleanUp();
  }

  /** In the background: compresses rotated files, removes the oldest ones, and partial files left by a crash. */
  cleanUp(): void {
    this.#work = this.#work
      .then(() => this.#cleanUp())
      .catch((error: unknown) => {
        this.#options.onError(
          new Error(`Could not clean up the rotated files of ${this.#options.path}`, { cause: error }),
        );
      });
  }

  /** Resolves when no background work is left. */
  async settled(): Promise<void> {
    await this.#work;
  }

  async #cleanUp(): Promise<void> {
    const folder = dirname(this.#options.path);
    const partial = (await this.#list()).filter((name) => name.endsWith(PARTIAL));
    for (const name of partial) await rm(join(folder, name), { force: true });

    const rotated = (await this.#list()).sort();
    const surplus = Math.max(0, rotated.length - this.#options.keep);
    for (const name of rotated.slice(0, surplus)) await rm(join(folder, name), { force: true });
    if (!this.#options.gzip) return;
    for (const name of rotated.slice(surplus)) if (!name.endsWith('.gz')) await compress(join(folder, name));
  }

  /** Names of the rotated files, including partial ones. */
  async #list(): Promise<string[]> {
    const { path } = this.#options;
    const live = basename(path);
    const names = await readdir(dirname(path));
    return names.filter((name) => name.startsWith(live) && SUFFIX.test(name.slice(live.length)));
  }
}

/** Removes the plain file only after the compressed one is complete and has its final name. */
async function compress(path: string): Promise<void> {
  const partial = path + PARTIAL;
  try {
    // What is left of an earlier attempt, or was put in its place.
    await rm(partial, { force: true });
    const target = createWriteStream(partial, { flags: 'wx', mode: 0o640 });
    await pipeline(createReadStream(path), createGzip(), target);
    await retryRename(() => rename(partial, `${path}.gz`));
    await rm(path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

function stamp(ms: number): string {
  return `.${new Date(ms).toISOString().replace(/[-:]/g, '')}`;
}
