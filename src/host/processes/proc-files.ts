/**
 * Reads small files of /proc into one buffer. Opening a file there costs more CPU time than reading it, so that files which
 * are read again and again may stay open. A descriptor belongs to one process: when that has ended, reading fails, also if its
 * pid is in use again.
 */
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';

import { errorCode } from '../../core/errors.ts';

/** A stat line has some 350 bytes, a status file 1,500. */
const BUFFER_BYTES = 4096;

export class ProcFiles {
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);

  /** The first 4 KiB; undefined if the process has ended or is hidden. */
  read(path: string): string | undefined {
    const descriptor = this.open(path);
    if (descriptor === undefined) return undefined;
    try {
      return this.readAgain(descriptor)?.toString('utf8');
    } finally {
      closeSync(descriptor);
    }
  }

  /** @returns a descriptor to be closed; undefined if the file cannot be opened */
  open(path: string): number | undefined {
    try {
      return openSync(path, 'r');
    } catch {
      return undefined; // ended, hidden, or no descriptors left: the callers go without
    }
  }

  /** The same from an open file, as bytes that are valid until the next read. Undefined if the process has ended. */
  readAgain(descriptor: number): Buffer | undefined {
    try {
      return this.#buffer.subarray(0, readSync(descriptor, this.#buffer, 0, BUFFER_BYTES, 0));
    } catch (error) {
      if (errorCode(error) === 'EBADF') throw error;
      return undefined;
    }
  }
}

/** The pids in ascending order. None if the folder cannot be read: not Linux, or procfs is not mounted. */
export function listPids(proc: string): number[] {
  try {
    return pidsOf(readdirSync(proc));
  } catch {
    return [];
  }
}

export function pidsOf(names: readonly string[]): number[] {
  const pids: number[] = [];
  for (const name of names) {
    const pid = Number(name);
    if (Number.isInteger(pid) && pid > 0) pids.push(pid);
  }
  return pids.sort((a, b) => a - b);
}
