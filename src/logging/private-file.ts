/**
 * How log files are opened. They contain names of hosts, users and alerts, so only owner and group may read them. A symbolic
 * link is not followed: one that somebody has planted could redirect what root writes into any file.
 */
import { constants, type Stats } from 'node:fs';

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = constants;

/** Does not wait for the reader of a FIFO. (Windows has neither of the last two flags; undefined counts as 0.) */
export const APPEND = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK;

export const FILE_MODE = 0o640;
export const FOLDER_MODE = 0o750;

/** Others may read, write or run a file. */
const OTHERS = 0o007;

/** @throws if it is no regular file */
export function refuseSpecial(path: string, status: Stats): void {
  if (!status.isFile()) throw new Error(`${path} is not a regular file`);
}

/** Whether others may access a regular file. (On Windows, modes say nothing.) */
export function isExposed({ mode }: Stats): boolean {
  return process.platform !== 'win32' && (mode & OTHERS) !== 0;
}
