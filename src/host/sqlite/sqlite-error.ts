/** SQLite errors. The package throws them as objects that are not native errors. */
import { describeError, errorCode } from '../../core/errors.ts';

/** SQLite codes for a file that is corrupt, truncated, not a database, or of another schema. They may have suffixes. */
const DAMAGE = /^SQLITE_(?:CORRUPT|NOTADB|IOERR_SHORT_READ|ERROR|MISMATCH|SCHEMA)/;

/** The file can be read, but its content cannot be used. */
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
