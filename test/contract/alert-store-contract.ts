/** The contract of alert stores. */
import { expect, it } from '@jest/globals';

import type { AuditEntry } from '../../src/plugin/audit-entry.ts';
import type { AlertStore } from '../../src/alerts/store/store.ts';

export interface OpenedStore {
  readonly store: AlertStore;
  /** The entries written to `alerts.log`. */
  readonly told: readonly AuditEntry[];
}

export function entry(at: number, more: Partial<AuditEntry> = {}): AuditEntry {
  return { at, kind: 'transition', reason: 'fired', ...more };
}

function failing(work: () => void): () => void {
  return () => {
    work();
    throw new Error('on purpose');
  };
}

/** @param open opens an empty store */
export function itIsAnAlertStore(open: () => Promise<OpenedStore>): void {
  it('returns the stored values in the order of their keys', async () => {
    const { store } = await open();
    const states = store.collection('states');
    states.put('b', { level: 'warning', since: 5, list: [1, null], text: 'ünï "x"\n' });
    states.put('a', 'plain');
    states.put('c', null);
    expect(states.entries()).toEqual([
      ['a', 'plain'],
      ['b', { level: 'warning', since: 5, list: [1, null], text: 'ünï "x"\n' }],
      ['c', null],
    ]);
    expect(states.get('a')).toBe('plain');
    expect(states.get('nothing')).toBeUndefined();
    expect(store.collection('acks').entries()).toEqual([]);
  });

  it('replaces and deletes', async () => {
    const { store } = await open();
    const acks = store.collection('acks');
    acks.put('a', 1);
    acks.put('a', 2);
    expect(acks.get('a')).toBe(2);
    acks.delete('a');
    acks.delete('never there');
    expect(acks.get('a')).toBeUndefined();
    expect(acks.entries()).toEqual([]);
  });

  it('keeps a copy: later changes to the value have no effect', async () => {
    const { store } = await open();
    const groups = store.collection('ledger');
    const value = { members: ['a'] };
    groups.put('g', value);
    value.members.push('b');
    (groups.get('g') as typeof value).members.push('c');
    expect(groups.get('g')).toEqual({ members: ['a'] });
  });

  it('refuses values that JSON cannot represent', async () => {
    const { store } = await open();
    expect(() => {
      store.collection('hosts').put('h', undefined);
    }).toThrow('The value of h cannot be written as JSON');
    expect(store.collection('hosts').entries()).toEqual([]);
  });

  it('rolls a transaction back if it throws, and rethrows the error', async () => {
    const { store, told } = await open();
    const [states, groups] = [store.collection('states'), store.collection('ledger')];
    states.put('old', 1);
    groups.put('gone', 1);
    const work = failing(() => {
      states.put('old', 2);
      states.put('old', 3);
      states.put('new', 1);
      groups.delete('gone');
      store.audit(entry(1));
      expect(states.get('old')).toBe(3);
      expect(store.history({ limit: 9 })).toEqual([entry(1)]);
    });
    expect(() => {
      store.transaction(work);
    }).toThrow('on purpose');
    expect(states.entries()).toEqual([['old', 1]]);
    expect(groups.entries()).toEqual([['gone', 1]]);
    expect(store.history({ limit: 9 })).toEqual([]);
    expect(told).toEqual([]);
  });

  it('commits or rolls back nested transactions with the outermost', async () => {
    const { store } = await open();
    const states = store.collection('states');
    const result = store.transaction(() => {
      states.put('a', 1);
      expect(() => {
        store.transaction(
          failing(() => {
            states.put('b', 1);
          }),
        );
      }).toThrow('on purpose');
      return 'result';
    });
    expect(result).toBe('result');
    expect(states.entries()).toEqual([
      ['a', 1],
      ['b', 1],
    ]);
    const outer = failing(() => {
      store.transaction(() => {
        states.delete('a');
      });
    });
    expect(() => {
      store.transaction(outer);
    }).toThrow('on purpose');
    expect(states.get('a')).toBe(1);
  });

  it('returns the history newest first, by any of its filters', async () => {
    const { store } = await open();
    const all = [
      entry(10, { rule: 'disk', host: 'web1', fingerprint: 'f1' }),
      entry(30, { rule: 'cpu', host: 'web1', fingerprint: 'f2' }),
      entry(20, { kind: 'attempt', reason: 'failed', receiver: 'chat', detail: { attempt: 1 } }),
      entry(30, { kind: 'silence', reason: 'made', by: 'ana', host: 'web2' }),
    ];
    for (const one of all) store.audit(one);
    const [first, second, third, fourth] = all;
    expect(store.history({ limit: 9 })).toEqual([fourth, second, third, first]);
    expect(store.history({ limit: 2 })).toEqual([fourth, second]);
    expect(store.history({ since: 20, until: 30, limit: 9 })).toEqual([third]);
    expect(store.history({ host: 'web1', limit: 9 })).toEqual([second, first]);
    expect(store.history({ host: 'web1', rule: 'disk', limit: 9 })).toEqual([first]);
    expect(store.history({ fingerprint: 'f2', limit: 9 })).toEqual([second]);
    const both = entry(50, { fingerprint: 'f3', also: ['f2', 'f4'] });
    store.audit(both);
    expect(store.history({ fingerprint: 'f2', limit: 9 })).toEqual([both, second]);
    expect(store.history({ fingerprint: 'f4', limit: 9 })).toEqual([both]);
    expect(store.history({ kinds: ['attempt', 'silence'], limit: 9 })).toEqual([fourth, third]);
    expect(store.history({ kinds: [], limit: 9 })).toEqual([]);
  });

  it('reports each entry of the history once it is stored', async () => {
    const { store, told } = await open();
    store.transaction(() => {
      store.audit(entry(0));
      expect(told).toEqual([]);
    });
    expect(told).toEqual([entry(0)]);
  });
}
