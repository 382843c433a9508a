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
  /** Put at the beginning of every file. */
  readonly header: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly open?: OpenFile;
}

/** Everything happens one after the other, also when a caller has stopped waiting for what it asked before. */
export class RotatingFile {
  readonly #options: RotatingFileOptions;
  readonly #file: AppendFile;
  readonly #archive: Archive | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  #isOpen = false;
  /** When the live file was begun, if that was by us; the file system cannot always tell. Milliseconds. */
  #begun: number | undefined;

  constructor(options: RotatingFileOptions) {
    const { path, sync, rotate, log, open } = options;
    this.#options = options;
    this.#file = new AppendFile({ path, sync, ...(open === undefined ? {} : { open }) });
    if (rotate === undefined) return;
    const onError = (error: Error) => {
      log.warn('A rotated file was left as it is', { error });
    };
    this.#archive = new Archive({ path, keep: rotate.keep, gzip: rotate.gzip, onError });
  }

  /** @throws if the file cannot be opened for writing */
  open(): Promise<void> {
    return this.#next(async () => {
      await this.#file.state();
      if (this.#isOpen) return;
      this.#isOpen = true;
      this.#archive?.tidy();
    });
  }

  /** @throws if not all of it could be written; then nothing of it is in the file */
  append(text: Uint8Array, signal: AbortSignal): Promise<void> {
    return this.#next(async () => {
      signal.throwIfAborted();
      let { size, born } = await this.#file.state();
      if (this.#mustRotate(size, text.length, this.#begun ?? born)) {
        await this.#rotate();
        ({ size, born } = await this.#file.state());
      }
      if (size > 0) {
        await this.#file.append(text);
        return;
      }
      this.#begun = this.#options.clock.now();
      await this.#file.append(Buffer.concat([Buffer.from(this.#options.header), text]));
    });
  }

  reopen(): Promise<void> {
    return this.#next(async () => {
      await this.#file.close();
      this.#begun = undefined;
      await this.#file.state();
    });
  }

  /** Waits until rotated files are compressed. */
  close(): Promise<void> {
    return this.#next(async () => {
      await this.#file.close();
      await this.#archive?.settled();
    });
  }

  #mustRotate(size: number, more: number, begun: number): boolean {
    const { rotate, clock } = this.#options;
    if (rotate === undefined || size === 0) return false;
    return size + more > (rotate.size ?? Infinity) || clock.now() - begun >= (rotate.age ?? Infinity);
  }

  async #rotate(): Promise<void> {
    await this.#file.close();
    await this.#archive?.rotate(this.#options.clock.now());
    this.#begun = undefined;
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(work);
    // The caller hears of a failure; the next in line only waits for the end.
    this.#tail = Promise.allSettled([result]);
    return result;
  }
}
