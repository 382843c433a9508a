/** Saves how far one output has come. The file is made with the first save; a failure is told of, and tried again next time. */
import { mkdir, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

import type { Clock } from '../core/clock.ts';
import { unlessMissing } from '../core/errors.ts';

import { CursorFile, type Progress } from './cursor-file.ts';

/** A disk that hangs must not keep an output from sending. */
const MOST_WAIT_MS = 1000;

export interface CursorOptions {
  readonly path: string;
  readonly clock: Clock;
  /** Called once, until it works again. */
  readonly onFailed: (error: unknown) => void;
}

export class Cursor {
  readonly #options: CursorOptions;
  #file: CursorFile | undefined;
  /** What is to be saved next, while that has not begun. */
  #waiting: { progress: Progress } | undefined;
  #saving: Promise<void> = Promise.resolve();
  /** What could not be saved, or is being saved. */
  #unsaved: Progress | undefined;
  #last: Promise<void> = Promise.resolve();
  #isFailing = false;

  constructor(options: CursorOptions) {
    this.#options = options;
  }

  /** Never rejects. Of saves that are asked for while one is under way, the last one is done. */
  async save(progress: Progress): Promise<void> {
    if (this.#waiting === undefined) this.#saving = this.#saveInTurn({ progress });
    else this.#waiting.progress = progress;
    let cancel: () => void = () => undefined;
    const enough = new Promise<void>((resolve) => {
      cancel = this.#options.clock.after(MOST_WAIT_MS, resolve);
    });
    await Promise.race([this.#saving, enough]);
    cancel();
  }

  /** Resolves when what was saved is on the disk. Never rejects: an old cursor costs lines sent twice, no more. */
  sync(): Promise<void> {
    return this.#inTurn(async () => this.#file?.sync());
  }

  /** Lets go of the file, after a last attempt to save what could not be saved. Another save opens it again. */
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
    // A cursor that is not on the disk at all would begin anew after a power failure; an old one costs lines sent twice.
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

  /** One after the other, because the file may be let go of and opened again at any time. */
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
