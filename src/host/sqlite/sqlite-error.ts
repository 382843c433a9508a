/** SQLite errors. The package throws them as objects that are not native errors. */
import { describeError, errorCode } from '../../core/errors.ts';

/** SQLite codes for a file that is corrupt, truncated, not a database, or of another schema. They may have suffixes. */
const DAMAGE = /^SQLITE_(?:CORRUPT|NOTADB|IOERR_SHORT_READ|ERROR|MISMATCH|SCHEMA)/;

/** Primary result codes, which are the low byte of extended ones: https://www.sqlite.org/rescode.html */
const PRIMARY: Readonly<Record<number, string>> = {
  1: 'ERROR',
  8: 'READONLY',
  10: 'IOERR',
  11: 'CORRUPT',
  13: 'FULL',
  14: 'CANTOPEN',
  17: 'SCHEMA',
  20: 'MISMATCH',
  26: 'NOTADB',
};

/** The file can be read, but its content cannot be used. */
export class DamagedError extends Error {
  override readonly name = 'DamagedError';
}

export function isDamage(thrown: unknown): boolean {
  return thrown instanceof DamagedError || DAMAGE.test(sqliteCode(thrown));
}

/** @returns such as SQLITE_CORRUPT_INDEX; empty if the error is none of SQLite. The package does not know the names of all codes. */
export function sqliteCode(thrown: unknown): string {
  const code = errorCode(thrown) ?? '';
  const number = Number(/^UNKNOWN_SQLITE_ERROR_(\d+)$/.exec(code)?.[1]);
  const name = PRIMARY[number & 0xff];
  if (name !== undefined) return `SQLITE_${name}_${number}`;
  return code.startsWith('SQLITE_') ? code : '';
}

export function describeStoreError(thrown: unknown): string {
  const code = sqliteCode(thrown);
  return code === '' ? describeError(thrown) : `${(thrown as Error).message} (${code})`;
}
