/** The SQLite package. */
import { createRequire } from 'node:module';

import type Libsql from 'libsql';

/** A native package, which is not available on every platform. */
export type Driver = typeof Libsql;

export type Sqlite = Libsql.Database;

/** Not by `import`, because what is written has to be on the disk when the call returns. */
const requirePackage = createRequire(import.meta.url);

/** Takes memory and time: only when a database is needed. @throws if the package cannot be loaded */
export function loadDriver(): Driver {
  return requirePackage('libsql') as Driver;
}

/** All or nothing. @throws what the work throws, after a rollback */
export function inTransaction<Result>(db: Sqlite, work: () => Result): Result {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    // SQLite rolls back some failures by itself, such as a full disk.
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
