/** An append-only file that is written in whole records. */
import { constants } from 'node:fs';
import { lstat, mkdir, open, truncate, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

import { cutBack } from '../plugin/index.ts';

/** The methods of a file handle that are used here. */
export type AppendHandle = Pick<FileHandle, 'write' | 'read' | 'stat' | 'truncate' | 'datasync' | 'close'>;

export type OpenFile = (path: string, flags: number, mode: number) => Promise<AppendHandle>;

export interface AppendFileOptions {
  readonly path: string;
  /** Whether each append is followed by an fdatasync. */
  readonly sync: boolean;
  readonly open?: OpenFile;
}

/** Never follows a symbolic link and never blocks on a pipe. Windows lacks the last two flags; undefined counts as 0. */
const FLAGS = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;

const MODE = 0o640;
const NEWLINE = 0x0a;

export interface FileState {
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since the Unix epoch. */
  readonly born: number;
}

export class AppendFile {
  readonly #options: AppendFileOptions;
  readonly #open: OpenFile;
  #handle: AppendHandle | undefined;

  constructor(options: AppendFileOptions) {
    this.#options = options;
    this.#open = options.open ?? open;
  }

  /**
   * Opens the file if it is not open, or if the open one has been unlinked.
   *
   * @throws if the folder cannot be created, or the path cannot be opened as a regular file
   */
  async state(): Promise<FileState> {
    let stats = await this.#currentStats();
    if (stats?.nlink === 0) await this.close();
    if (stats === undefined || stats.nlink === 0) {
      this.#handle = await this.#openOrdinary();
      stats = await this.#handle.stat();
    }
    return { size: stats.size, born: stats.birthtimeMs > 0 ? stats.birthtimeMs : stats.mtimeMs };
  }

  /**
   * Appends all of the bytes or none of them.
   *
   * @throws if the write fails; the file is truncated to its previous size
   */
  async append(bytes: Uint8Array): Promise<void> {
    const { size } = await this.state();
    const handle = this.#handle;
    if (handle === undefined) throw new Error(`${this.#options.path} is not open`);
    try {
      for (let offset = 0; offset < bytes.length;) {
        const { bytesWritten } = await handle.write(bytes, offset, bytes.length - offset);
        offset += bytesWritten;
      }
      if (this.#options.sync) await handle.datasync();
    } catch (error) {
      await this.#truncate(handle, size, error);
      throw new Error(`Could not append ${bytes.length} bytes to ${this.#options.path}`, { cause: error });
    }
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  /** A handle that fails fstat (stale after an NFS server restarted) is closed, so that the next call reopens the file. */
  async #currentStats() {
    try {
      return await this.#handle?.stat();
    } catch (error) {
      await this.close();
      throw new Error(`Could not stat ${this.#options.path}; it will be reopened`, { cause: error });
    }
  }

  async #truncate(handle: AppendHandle, size: number, cause: unknown): Promise<void> {
    try {
      await cutBack(
        () => handle.truncate(size),
        () => truncate(this.#options.path, size),
      );
    } catch (error) {
      const both = new AggregateError(
        [cause, error],
        'the write failed, and so did truncating the file to its previous size',
      );
      throw new Error(`${this.#options.path} may end with a partial line`, { cause: both });
    }
  }

  async #openOrdinary(): Promise<AppendHandle> {
    const { path } = this.#options;
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o750 });
      const handle = await this.#open(path, FLAGS, MODE);
      try {
        await terminateTornLine(handle);
        return handle;
      } catch (error) {
        await handle.close();
        throw error;
      }
    } catch (error) {
      throw new Error(`Could not open ${path} for writing${await obstacle(path)}`, { cause: error });
    }
  }
}

/** A crash of the machine may have left a partial line; the next record must not be appended to it. */
async function terminateTornLine(handle: AppendHandle): Promise<void> {
  const stats = await handle.stat();
  if (!stats.isFile()) throw new Error('it is not a regular file');
  if (stats.size === 0) return;
  const last = Buffer.alloc(1);
  await handle.read(last, 0, 1, stats.size - 1);
  if (last[0] !== NEWLINE) await handle.write(Buffer.from('\n'), 0, 1);
}

/** The reason why the path cannot be opened, where the system's error code does not make it clear. */
async function obstacle(path: string): Promise<string> {
  try {
    const stats = await lstat(path);
    if (stats.isSymbolicLink()) return ': it is a symbolic link; give the path of the file itself';
    if (stats.isDirectory()) return ': it is a folder; give the path of a file in it';
    if (!stats.isFile()) return ': it is not a regular file; for standard output use the output "console"';
    return '';
  } catch {
    // It does not exist or cannot be accessed: the original error says why.
    return '';
  }
}
