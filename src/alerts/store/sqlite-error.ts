/** Errors of SQLite, which the package throws as objects that are no native errors. */
import { describeError, errorCode } from '../../core/errors.ts';

/** What SQLite says of a file that is none of its own, or has not the form that the schema has. There are subcodes. */
const DAMAGE = /^SQLITE_(?:CORRUPT|NOTADB|ERROR|MISMATCH|SCHEMA)/;

/** The file can be read, but what is in it cannot be used. */
export class DamagedError extends Error {
  override readonly name = 'DamagedError';
}

export function isDamage(thrown: unknown): boolean {
  return thrown instanceof DamagedError || DAMAGE.test(errorCode(thrown) ?? '');
}

export function describeStoreError(thrown: unknown): string {
  const code = errorCode(thrown) ?? '';
  return code.startsWith('SQLITE_') ? `${(thrown as Error).message} (${code})` : describeError(thrown);
}
