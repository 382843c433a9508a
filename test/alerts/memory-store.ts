/** An alert store in memory. What goes in comes out as from JSON, a transaction that fails leaves nothing behind. */
import type { AuditEntry, HistoryFilter } from '../../src/alerts/store/audit.ts';
import type { AlertStore, Collection, CollectionName } from '../../src/alerts/store/store.ts';

export interface MemoryStore extends AlertStore {
  /** Everything that was audited, oldest first. */
  readonly audited: readonly AuditEntry[];
}

export function memoryStore(): MemoryStore {
  const tables = new Map<CollectionName, Map<string, string>>();
  const audited: AuditEntry[] = [];
  let depth = 0;
  const table = (name: CollectionName) => {
    const found = tables.get(name) ?? new Map<string, string>();
    tables.set(name, found);
    return found;
  };
  return {
    audited,
    collection: (name) => collectionOf(() => table(name)),
    transaction(work) {
      if (depth > 0) return work();
      const before = new Map([...tables].map(([name, rows]) => [name, new Map(rows)]));
      const count = audited.length;
      depth += 1;
      try {
        return work();
      } catch (error) {
        tables.clear();
        for (const [name, rows] of before) tables.set(name, rows);
        audited.length = count;
        throw error;
      } finally {
        depth -= 1;
      }
    },
    audit: (entry) => {
      audited.push(entry);
    },
    history: (filter) =>
      audited
        .filter((entry) => isWanted(entry, filter))
        .reverse()
        .slice(0, filter.limit),
    close() {},
  };
}

function collectionOf(rows: () => Map<string, string>): Collection {
  return {
    entries: () => [...rows()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, text]) => [key, JSON.parse(text)] as const),
    get: (key) => {
      const text = rows().get(key);
      return text === undefined ? undefined : (JSON.parse(text) as unknown);
    },
    put: (key, value) => {
      rows().set(key, JSON.stringify(value));
    },
    delete: (key) => {
      rows().delete(key);
    },
  };
}

function isWanted(entry: AuditEntry, { since, until, fingerprint, rule, host, kinds }: HistoryFilter): boolean {
  return (
    entry.at >= (since ?? -Infinity) &&
    entry.at <= (until ?? Infinity) &&
    (fingerprint === undefined || entry.fingerprint === fingerprint) &&
    (rule === undefined || entry.rule === rule) &&
    (host === undefined || entry.host === host) &&
    (kinds === undefined || kinds.includes(entry.kind))
  );
}
