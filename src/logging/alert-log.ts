/**
 * `alerts.log`: a JSON line for everything that happened to alerts, in a file that is rotated by size. A line is in the
 * file when the call returns; there are few, and the file transport of winston stops for good when it has to rotate while
 * it opens. The same is in the history, so a file that cannot be written is reported once, and nobody hears more of it.
 */
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname, parse, join } from 'node:path';

import type { AuditEntry } from '../core/audit-entry.ts';
import { describeError, errorCode } from '../core/errors.ts';

export interface AlertLogOptions {
  readonly path: string;
  /** Bytes. */
  readonly maxSize: number;
  /** How many rotated files are kept beside it, at least 1: `alerts1.log` is the newest, then `alerts2.log`, … */
  readonly keep: number;
  /** Told once for each time that writing stops to work. */
  readonly report: (message: string) => void;
}

export interface AlertLog {
  /** @param line without a line break */
  write(line: string): void;
  /** The file was moved away: begins a new one with the next line. */
  reopen(): void;
  close(): void;
}

interface OpenFile {
  readonly handle: number;
  /** Bytes. */
  size: number;
}

/** Makes the file with the first line. */
export function openAlertLog({ path, maxSize, keep, report }: AlertLogOptions): AlertLog {
  let file: OpenFile | undefined;
  let isFailing = false;

  function close(): void {
    if (file !== undefined) closeSync(file.handle);
    file = undefined;
  }

  function append(bytes: Uint8Array): void {
    file ??= open(path);
    if (file.size > 0 && file.size + bytes.length > maxSize) {
      close();
      rotate(path, keep);
      file = open(path);
    }
    file.size += writeSync(file.handle, bytes);
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
    close,
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

/** Each file takes the place of the next older one; the oldest is replaced. */
function rotate(path: string, keep: number): void {
  const { dir, name, ext } = parse(path);
  const older = (index: number) => join(dir, `${name}${index}${ext}`);
  for (let index = keep; index > 1; index -= 1) renameIfThere(older(index - 1), older(index));
  renameIfThere(path, older(1));
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}
