/**
 * The cursor of one output: a file of two slots of 128 bytes, written alternately, each one line of text.
 *
 * ```
 * healthd-cursor 1 <generation> <position> <backlog from> <backlog to> <saved, ms since the epoch>    <crc32>\n
 * ```
 *
 * All lines before `position` were delivered, except those from `backlog from` (inclusive) to `backlog to` (exclusive). The
 * valid slot with the higher generation wins: a torn write damages one slot and leaves the other. Slots are written in place,
 * because that needs no space on a full disk.
 */
import { open, type FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

import { READ, UPDATE } from './open-flags.ts';

export const CURSOR_SUFFIX = '.cursor';

const SLOT_BYTES = 128;
const WORD = 'healthd-cursor 1';

/** Line numbers. */
export interface Progress {
  /** The next line to read. */
  readonly position: number;
  /** The backlog, before `position`; empty if both are equal. */
  readonly backlogFrom: number;
  readonly backlogTo: number;
}

export interface SavedProgress extends Progress {
  /** Milliseconds since the Unix epoch. */
  readonly savedAt: number;
}

interface Slot extends SavedProgress {
  readonly generation: number;
}

export class CursorFile {
  readonly #handle: FileHandle;
  #generation: number;

  private constructor(handle: FileHandle, generation: number) {
    this.#handle = handle;
    this.#generation = generation;
  }

  /** @returns the file and its content; `saved` is undefined if the file is new or both slots are damaged */
  static async open(path: string): Promise<{ readonly file: CursorFile; readonly saved: SavedProgress | undefined }> {
    const handle = await open(path, UPDATE, 0o640);
    try {
      const saved = latest(await handle.readFile());
      return { file: new CursorFile(handle, saved?.generation ?? 0), saved };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async save({ position, backlogFrom, backlogTo }: Progress, now: number): Promise<void> {
    this.#generation += 1;
    const slot = encode({ generation: this.#generation, position, backlogFrom, backlogTo, savedAt: Math.round(now) });
    await this.#handle.write(slot, 0, slot.length, (this.#generation % 2) * SLOT_BYTES);
  }

  sync(): Promise<void> {
    return this.#handle.datasync();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/** Reads a cursor without opening it for writing. @returns undefined if both slots are damaged */
export async function readCursorFile(path: string): Promise<SavedProgress | undefined> {
  const handle = await open(path, READ);
  try {
    return latest(await handle.readFile());
  } finally {
    await handle.close();
  }
}

function encode({ generation, position, backlogFrom, backlogTo, savedAt }: Slot): Buffer {
  const text = [WORD, generation, position, backlogFrom, backlogTo, savedAt].join(' ').padEnd(SLOT_BYTES - 10);
  return Buffer.from(`${text} ${crc32(text).toString(16).padStart(8, '0')}\n`, 'latin1');
}

function latest(bytes: Buffer): Slot | undefined {
  const slots = [0, 1].map((index) => decode(bytes.subarray(index * SLOT_BYTES, (index + 1) * SLOT_BYTES)));
  return slots.reduce((best, slot) => ((slot?.generation ?? -1) > (best?.generation ?? -1) ? slot : best), undefined);
}

function decode(bytes: Buffer): Slot | undefined {
  const [, text = '', checksum = ''] = /^(.*) ([0-9a-f]{8})\n$/.exec(bytes.toString('latin1')) ?? [];
  if (!text.startsWith(`${WORD} `) || crc32(text) !== Number.parseInt(checksum, 16)) return undefined;
  const numbers = text.slice(WORD.length).trim().split(' ').map(Number);
  const [generation, position, backlogFrom, backlogTo, savedAt] = numbers;
  if (numbers.length !== 5 || !numbers.every((number) => Number.isSafeInteger(number) && number >= 0)) return undefined;
  return { generation, position, backlogFrom, backlogTo, savedAt } as Slot;
}
