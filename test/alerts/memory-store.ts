/** The store in memory, with access to the whole history. */
import type { AuditEntry } from '../../src/plugin/audit-entry.ts';
import { memoryAlertStore } from '../../src/alerts/store/memory-store.ts';
import type { AlertStore } from '../../src/alerts/store/store.ts';

export interface MemoryStore extends AlertStore {
  /** Everything that was audited, oldest first. */
  readonly audited: readonly AuditEntry[];
}

export function memoryStore(): MemoryStore {
  const store = memoryAlertStore();
  return {
    ...store,
    get audited() {
      return [...store.history({ limit: Infinity })].reverse();
    },
  };
}
