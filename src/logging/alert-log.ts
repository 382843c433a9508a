/**
 * `alerts.log`: the audit log of alerts as JSON lines, rotated by size. Writes are synchronous, since lines are few. winston's
 * file transport is not used: it stops for good when it has to rotate while it opens. A failure is reported once only, since
 * the history in the alert store has the same entries.
 */
import {
  closeSync,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

import type { AuditEntry } from '../plugin/audit-entry.ts';
import { cutBackSync } from '../core/cut-back.ts';
import { describeError, errorCode } from '../core/errors.ts';
import { printableJson } from '../core/printable.ts';

import { APPEND, FILE_MODE, FOLDER_MODE, isExposed, refuseSpecial } from './private-file.ts';
import { compress, rotationOf } from './rotation.ts';

export interface AlertLogOptions {
  readonly path: string;
  /** Bytes. */
  readonly maxSize: number;
  /** Number of rotated files to keep, at least 1. */
  readonly keep: number;
  readonly gzip: boolean;
  /** Called once when writing or rotating begins to fail. */
  readonly report: (message: string) => void;
}

export interface AlertLog {
  /** @param line without a line break */
  write(line: string): void;
  /** Starts a new file with the next line, after the current file was moved. */
  reopen(): void;
  close(): Promise<void>;
}

interface OpenFile {
  readonly handle: number;
  /** Bytes. */
  size: number;
}

/** Creates the file with the first line. */
export function openAlertLog({ path, maxSize, keep, gzip, report }: AlertLogOptions): AlertLog {
  let file: OpenFile | undefined;
  /** While it runs, files are not renamed, and the current one may grow past its limit. */
  let compressing: Promise<void> | undefined;
  let isFailing = false;
  let cannotRotate = false;

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
      // Remove the partial line: otherwise the next line would be appended to it.
      const { handle, size } = file;
      cutBackSync(
        () => {
          ftruncateSync(handle, size);
        },
        () => {
          truncateSync(path, size);
        },
      );
      throw new Error('only a part of the line could be written');
    }
    file.size += written;
  }

  /** A file that cannot be rotated keeps growing: better too large than without the newest lines. */
  function rotateIfPossible(): void {
    try {
      const newest = rotate(path, keep);
      if (gzip) compressing = compress(newest).finally(() => (compressing = undefined));
      cannotRotate = false;
    } catch (error) {
      if (!cannotRotate) report(`Cannot rotate the alert log ${path}, it keeps growing: ${describeError(error)}`);
      cannotRotate = true;
    }
  }

  return {
    write(line) {
      try {
        append(Buffer.from(`${line}\n`));
        isFailing = false;
      } catch (error) {
        if (!isFailing) report(`Cannot write the alert log ${path}: ${describeError(error)}`);
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

/** One JSON object on one line. */
export function auditLine({ at, ...rest }: AuditEntry): string {
  return printableJson(JSON.stringify({ time: new Date(at).toISOString(), ...rest }));
}

function open(path: string): OpenFile {
  mkdirSync(dirname(path), { recursive: true, mode: FOLDER_MODE });
  const handle = openSync(path, APPEND, FILE_MODE);
  try {
    const status = fstatSync(handle);
    refuseSpecial(path, status);
    // A file of an earlier version may be readable for everybody.
    if (isExposed(status)) fchmodSync(handle, FILE_MODE);
    return { handle, size: status.size };
  } catch (error) {
    closeSync(handle);
    throw error;
  }
}

/** @returns the file that was rotated, to be compressed */
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
