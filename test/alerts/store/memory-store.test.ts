import { describe, expect, it } from '@jest/globals';

import type { AuditEntry } from '../../../src/plugin/audit-entry.ts';
import { memoryAlertStore } from '../../../src/alerts/store/memory-store.ts';
import { entry, itIsAnAlertStore } from '../../contract/alert-store-contract.ts';

describe('the store in memory', () => {
  itIsAnAlertStore(() => {
    const told: AuditEntry[] = [];
    return Promise.resolve({ store: memoryAlertStore({ onEntry: (entry) => told.push(entry) }), told });
  });

  it('drops the oldest entries of the history at its limit', () => {
    const store = memoryAlertStore({ mostEntries: 100 });
    for (let at = 0; at < 1000; at += 1) store.audit(entry(at));
    const kept = store.history({ limit: 1000 });
    expect(kept.length).toBeGreaterThanOrEqual(100);
    expect(kept.length).toBeLessThanOrEqual(110);
    expect(kept[0]).toEqual(entry(999));
  });
});
