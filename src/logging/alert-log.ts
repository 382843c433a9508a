/**
 * `alerts.log`: a JSON line for everything that happened to alerts, in a file that is rotated by size. A line is in the
 * file when the call returns; there are few, and the file transport of winston stops for good when it has to rotate while
 * it opens. The same is in the history, so a file that cannot be written is reported once, and nobody hears more of it.
 */
import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

import type { AuditEntry } from '../plugin/audit-entry.ts';
import { describeError, errorCode } from '../core/errors.ts';

import { compress, rotationOf } from './rotation.ts';

export interface AlertLogOptions {
  readonly path: string;
  /** Bytes. */
  readonly maxSize: number;
  /** How many rotated files are kept beside it, at least 1. */
  readonly keep: number;
  readonly gzip: boolean;
  /** Told once for each time that writing stops to work. */
  readonly report: (message: string) => void;
}

export interface AlertLog {
  /** @param line without a line break */
  write(line: string): void;
  /** The file was moved away: begins a new one with the next line. */
  reopen(): void;
  close(): Promise<void>;
}

interface OpenFile {
  readonly handle: number;
  /** Bytes. */
  size: number;
}

/** Makes the file with the first line. */
export function openAlertLog({ path, maxSize, keep, gzip, report }: AlertLogOptions): AlertLog {
  let file: OpenFile | undefined;
  /** While it goes on, the files keep their names: the present one may grow larger than it should. */
  let compressing: Promise<void> | undefined;
  let isFailing = false;
  let isStuck = false;

  function close(): void {
    if (file !== undefined) closeSync(file.handle);
    file = undefined;
  }

  function append(bytes: Uint8Array): void {
    file ??= open(path);
    if (file.size > 0 && file.size + bytes.length > maxSize && compressing === undefined) {
      close();
      rotateIfPossible();
      file = open(path);
    }
    const written = writeSync(file.handle, bytes);
    if (written < bytes.length) {
      // No half of a line stays: the next one would become a part of it.
      ftruncateSync(file.handle, file.size);
      throw new Error('there was room for a part of a line only');
    }
    file.size += written;
  }

  /** A file that cannot be rotated goes on: better too large than without the newest lines. */
  function rotateIfPossible(): void {
    try {
      const newest = rotate(path, keep);
      if (gzip) compressing = compress(newest).finally(() => (compressing = undefined));
      isStuck = false;
    } catch (error) {
      if (!isStuck) report(`The log of alerts ${path} cannot be rotated and grows: ${describeError(error)}`);
      isStuck = true;
    }
  }

  return {
    write(line) {
      try {
        append(Buffer.from(`${line}\n`));
        isFailing = false;
      } catch (error) {
        if (!isFailing) report(`The log of alerts ${path} cannot be written: ${describeError(error)}`);
        isFailing = true;
      }
    },
    reopen: close,
    close: async () => {
      close();
      await compressing;
    },
  };
}

/** One JSON object, without a line break. */
export function auditLine({ at, ...rest }: AuditEntry): string {
  return JSON.stringify({ time: new Date(at).toISOString(), ...rest });
}

function open(path: string): OpenFile {
  mkdirSync(dirname(path), { recursive: true });
  const handle = openSync(path, 'a');
  return { handle, size: fstatSync(handle).size };
}

/** @returns the file that can be compressed now */
function rotate(path: string, keep: number): string {
  const { remove, move, newest } = rotationOf(path, keep);
  for (const file of remove) rmSync(file, { force: true });
  for (const [from, to] of move) renameIfThere(from, to);
  return newest;
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}
