import { AppendFile, type OpenFile } from '../append-file.ts';
import { Archive } from './archive.ts';

import type { Clock, Logger } from '../../plugin/index.ts';

export interface Rotation {
  /** Bytes. */
  readonly size?: number | undefined;
  /** Milliseconds. */
  readonly age?: number | undefined;
  readonly keep: number;
  readonly gzip: boolean;
}

export interface RotatingFileOptions {
  readonly path: string;
  readonly sync: boolean;
  readonly rotate: Rotation | undefined;
  /** Written at the beginning of every file. */
  readonly header: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly open?: OpenFile;
}

/** Operations are serialized, even if the caller of an earlier one has stopped waiting for it. */
export class RotatingFile {
  readonly #options: RotatingFileOptions;
  readonly #file: AppendFile;
  readonly #archive: Archive | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  #isOpen = false;
  /** When this process created the live file; not all file systems record birth times. Milliseconds since the Unix epoch. */
  #createdAt: number | undefined;

  constructor(options: RotatingFileOptions) {
    const { path, sync, rotate, log, open } = options;
    this.#options = options;
    this.#file = new AppendFile({ path, sync, ...(open === undefined ? {} : { open }) });
    if (rotate === undefined) return;
    const onError = (error: Error) => {
      log.warn('Cleaning up rotated files failed', { error });
    };
    this.#archive = new Archive({ path, keep: rotate.keep, gzip: rotate.gzip, onError });
  }

  /** @throws if the file cannot be opened for writing */
  open(): Promise<void> {
    return this.#next(async () => {
      await this.#file.state();
      if (this.#isOpen) return;
      this.#isOpen = true;
      this.#archive?.cleanUp();
    });
  }

  /** @throws if the write failed, with nothing of the text in the file */
  append(text: Uint8Array, signal: AbortSignal): Promise<void> {
    return this.#next(async () => {
      signal.throwIfAborted();
      let { size, born } = await this.#file.state();
      if (this.#mustRotate(size, text.length, this.#createdAt ?? born)) {
        await this.#rotate();
        ({ size, born } = await this.#file.state());
      }
      if (size > 0) {
        await this.#file.append(text);
        return;
      }
      this.#createdAt = this.#options.clock.now();
      await this.#file.append(Buffer.concat([Buffer.from(this.#options.header), text]));
    });
  }

  reopen(): Promise<void> {
    return this.#next(async () => {
      await this.#file.close();
      this.#createdAt = undefined;
      await this.#file.state();
    });
  }

  /** Waits for the compression of rotated files. */
  close(): Promise<void> {
    return this.#next(async () => {
      await this.#file.close();
      await this.#archive?.settled();
    });
  }

  #mustRotate(size: number, added: number, createdAt: number): boolean {
    const { rotate, clock } = this.#options;
    if (rotate === undefined || size === 0) return false;
    return size + added > (rotate.size ?? Infinity) || clock.now() - createdAt >= (rotate.age ?? Infinity);
  }

  async #rotate(): Promise<void> {
    await this.#file.close();
    await this.#archive?.rotate(this.#options.clock.now());
    this.#createdAt = undefined;
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(work);
    // The caller gets the error; the next operation only waits for the end.
    this.#tail = Promise.allSettled([result]);
    return result;
  }
}
