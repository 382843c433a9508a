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
  try {
    return requirePackage('libsql') as Driver;
  } catch (cause) {
    throw withHint(cause, process.platform);
  }
}

/** Windows says of a DLL that misses another one that it is missing itself. */
export function withHint(cause: unknown, platform: NodeJS.Platform): unknown {
  const { code } = cause as { readonly code?: unknown };
  if (platform !== 'win32' || code !== 'ERR_DLOPEN_FAILED') return cause;
  const install = 'install the Microsoft Visual C++ Redistributable (vc_redist.x64.exe), which has VCRUNTIME140.dll';
  return new Error(`SQLite cannot be loaded: ${install}`, { cause });
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
