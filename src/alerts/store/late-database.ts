import type { AlertDatabase } from './database.ts';

/**
 * A file that does not exist yet: it is made by the first write, as are the memory and the time that its driver takes. Most
 * agents never have an alert to store.
 */
export function lateDatabase(open: () => AlertDatabase): AlertDatabase {
  let database: AlertDatabase | undefined;
  return {
    rows: (collection) => database?.rows(collection) ?? [],
    write(commit) {
      database ??= open();
      database.write(commit);
    },
    history: (filter) => database?.history(filter) ?? [],
    prune: (before, most) => database?.prune(before, most) ?? 0,
    close() {
      database?.close();
    },
  };
}
