/** Saves the progress of one output. The first save creates the file; a failed save is reported and retried with the next. */
import { mkdir, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

import type { Clock } from '../core/clock.ts';
import { unlessMissing } from '../core/errors.ts';

import { CursorFile, type Progress } from './cursor-file.ts';

/** A hanging disk must not stop an output from sending. */
const MAX_WAIT_MS = 1000;

export interface CursorOptions {
  readonly path: string;
  readonly clock: Clock;
  /** Called at the first of consecutive failures. */
  readonly onFailed: (error: unknown) => void;
}

export class Cursor {
  readonly #options: CursorOptions;
  #file: CursorFile | undefined;
  /** The next save, until it starts. */
  #waiting: { progress: Progress } | undefined;
  #saving: Promise<void> = Promise.resolve();
  /** Progress that failed to save or is being saved. */
  #unsaved: Progress | undefined;
  #last: Promise<void> = Promise.resolve();
  #isFailing = false;

  constructor(options: CursorOptions) {
    this.#options = options;
  }

  /** Never rejects. Saves requested while one is in progress are coalesced into the last one. */
  async save(progress: Progress): Promise<void> {
    if (this.#waiting === undefined) this.#saving = this.#saveInTurn({ progress });
    else this.#waiting.progress = progress;
    let cancel: () => void = () => undefined;
    const timeout = new Promise<void>((resolve) => {
      cancel = this.#options.clock.after(MAX_WAIT_MS, resolve);
    });
    await Promise.race([this.#saving, timeout]);
    cancel();
  }

  /** Resolves after fsync. Never rejects: a stale cursor only means that lines are sent twice. */
  sync(): Promise<void> {
    return this.#inTurn(async () => this.#file?.sync());
  }

  /** Closes the file after a last attempt to save failed progress. Another save opens it again. */
  close(): Promise<void> {
    this.#waiting = undefined;
    return this.#inTurn(async () => {
      try {
        if (this.#unsaved !== undefined) await this.#saveNow(this.#unsaved);
      } finally {
        await this.#closeFile();
      }
    });
  }

  remove(): Promise<void> {
    this.#waiting = undefined;
    return this.#inTurn(async () => {
      this.#unsaved = undefined;
      await this.#closeFile();
      await unlessMissing(unlink(this.#options.path));
    });
  }

  #saveInTurn(waiting: { readonly progress: Progress }): Promise<void> {
    this.#waiting = waiting;
    return this.#inTurn(() => {
      if (this.#waiting === waiting) this.#waiting = undefined;
      return this.#saveNow(waiting.progress);
    });
  }

  async #saveNow(progress: Progress): Promise<void> {
    this.#unsaved = progress;
    const isOpen = this.#file !== undefined;
    this.#file ??= await this.#open();
    await this.#file.save(progress, this.#options.clock.now());
    this.#unsaved = undefined;
    // Fsync a new file: after a power failure a missing cursor would start from scratch, a stale one only repeats lines.
    if (!isOpen) await this.#file.sync();
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  async #open(): Promise<CursorFile> {
    const { path } = this.#options;
    await mkdir(dirname(path), { recursive: true, mode: 0o750 });
    return (await CursorFile.open(path)).file;
  }

  /** Serializes the operations, because the file may be closed and reopened at any time. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(() => this.#attempt(work));
    return this.#last;
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) this.#options.onFailed(error);
      this.#isFailing = true;
    }
  }
}
