import {
  chmodSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Libsql from 'libsql';

import type { AuditEntry } from '../../../src/plugin/audit-entry.ts';
import { openAlertStore, type AlertStoreOptions } from '../../../src/alerts/store/sqlite-store.ts';
import type { AlertStore } from '../../../src/alerts/store/store.ts';
import { manualClock } from '../../../src/testing.ts';
import { entry, itIsAnAlertStore } from '../../contract/alert-store-contract.ts';
import { recordingLog } from '../../support/kit/recording-log.ts';

const DAY = 86_400_000;
let directory = '';
let opened: AlertStore[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'healthd-store-'));
});
afterEach(() => {
  for (const store of opened) store.close();
  opened = [];
  rmSync(directory, { recursive: true, force: true });
});

function open(options: Partial<AlertStoreOptions> = {}) {
  const [told, clock, log]: [AuditEntry[], ReturnType<typeof manualClock>, ReturnType<typeof recordingLog>] = [
    [],
    manualClock(),
    recordingLog(),
  ];
  const store = openAlertStore({ directory, log, clock, onEntry: (entry) => told.push(entry), ...options });
  opened.push(store);
  return { store, told, clock, log };
}

const file = () => join(directory, 'alerts.db');

/** Reads the file directly. */
function sql(statement: string): unknown[] {
  const db = new Libsql(file());
  try {
    return db.prepare(statement).all();
  } finally {
    db.close();
  }
}

describe('the store on disk', () => {
  itIsAnAlertStore(() => Promise.resolve(open()));

  it('has everything that was written after it is reopened', () => {
    const { store } = open();
    store.transaction(() => {
      store.collection('states').put('f1', { level: 'critical' });
      store.collection('facts').put('1', { a: 1 });
      store.collection('facts').put('2', { a: 2 });
      store.collection('facts').delete('1');
      store.audit(entry(1_700_000_000_000, { rule: 'disk' }));
    });
    store.close();
    store.collection('states').put('too late', 1);

    const again = open();
    expect(again.store.collection('states').entries()).toEqual([['f1', { level: 'critical' }]]);
    expect(again.store.collection('facts').entries()).toEqual([['2', { a: 2 }]]);
    expect(again.store.history({ limit: 9 })).toEqual([entry(1_700_000_000_000, { rule: 'disk' })]);
    expect(again.log.lines).toEqual([]);
    expect(again.told).toEqual([]);
  });

  it('creates its file with the first write', () => {
    const { store, clock } = open();
    clock.advance(120_000);
    expect(store.history({ limit: 9 })).toEqual([]);
    expect(store.collection('states').entries()).toEqual([]);
    expect(readdirSync(directory)).toEqual([]);
    store.collection('states').put('f1', 1);
    expect(sql('SELECT key FROM states')).toEqual([{ key: 'f1' }]);
  });

  it('creates no file without a write', () => {
    const { store } = open();
    store.close();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('writes nothing of a failed transaction', () => {
    const { store } = open();
    store.collection('states').put('f0', 0);
    expect(() => {
      store.transaction(() => {
        store.collection('states').put('f1', 1);
        throw new Error('on purpose');
      });
    }).toThrow('on purpose');
    expect(sql('SELECT key FROM states')).toEqual([{ key: 'f0' }]);
  });

  it('uses a write-ahead log, which survives a power failure', () => {
    const { store } = open();
    store.collection('states').put('f1', 1);
    expect(sql('PRAGMA journal_mode')).toMatchObject([{ journal_mode: 'wal' }]);
    expect(sql('PRAGMA user_version')).toMatchObject([{ user_version: 2 }]);
  });

  it('forgets with an entry which further alerts it was about, also in a file of before', () => {
    const { store, clock } = open({ retention: DAY });
    store.audit(entry(clock.now(), { fingerprint: 'a', also: ['b', 'c'] }));
    const known = () => sql('SELECT fingerprint FROM history_also ORDER BY fingerprint');
    expect(known()).toEqual([{ fingerprint: 'b' }, { fingerprint: 'c' }]);
    clock.advance(2 * DAY);
    expect(known()).toEqual([]);
    store.close();
    const db = new Libsql(file());
    db.exec('DROP TABLE history_also');
    db.close();
    const again = open();
    again.store.audit(entry(again.clock.now(), { fingerprint: 'a', also: ['b'] }));
    expect(again.store.history({ fingerprint: 'b', limit: 9 })).toHaveLength(1);
  });

  it('prunes old history in small steps', () => {
    const { store, clock } = open({ retention: DAY });
    store.transaction(() => {
      for (let i = 0; i < 1200; i += 1) store.audit(entry(clock.now() - 2 * DAY + i));
      store.audit(entry(clock.now()));
    });
    const left = () => store.history({ limit: 2000 }).length;
    clock.advance(60_000);
    expect(left()).toBe(701);
    clock.advance(5000);
    expect(left()).toBe(201);
    clock.advance(5000);
    expect(left()).toBe(1);
    clock.advance(2 * DAY);
    expect(left()).toBe(0);
  });
});

describe('AL-063, H-027: a file that cannot be used is moved aside, and alert state starts empty', () => {
  const fill = () => {
    const { store } = open();
    store.transaction(() => {
      for (let i = 0; i < 500; i += 1) store.collection('states').put(`key ${i}`, 'x'.repeat(200));
    });
    store.close();
  };
  const overwrite = (bytes: Uint8Array, position: number) => {
    const handle = openSync(file(), 'r+');
    writeSync(handle, bytes, 0, bytes.length, position);
    closeSync(handle);
  };
  const damages: Record<string, () => void> = {
    'a damaged beginning': () => {
      overwrite(Buffer.alloc(100, 7), 0);
    },
    'damage in the middle': () => {
      overwrite(Buffer.alloc(40_000, 7), 20_000);
    },
    'a truncated file': () => {
      truncateSync(file(), 30_000);
    },
    'an empty file': () => {
      truncateSync(file(), 0);
    },
    'another kind of file': () => {
      writeFileSync(file(), 'alerts: none\n'.repeat(1000));
    },
    'a missing table': () => {
      sql('DROP TABLE ledger');
    },
    'values that are not JSON': () => {
      sql("UPDATE states SET value = '{' WHERE key = 'key 7'");
    },
    'the file of a newer version': () => {
      sql('PRAGMA user_version = 99');
    },
  };

  it.each(Object.keys(damages))('%s', (what) => {
    fill();
    expect(statSync(file()).size).toBeGreaterThan(100_000);
    damages[what]!();
    const { store, log, told } = open();
    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]).toMatch(/^warn: Cannot use .*alerts\.db; moved it aside, alert state starts empty: \S/);
    expect(store.collection('states').entries()).toEqual([]);
    expect(store.history({ limit: 9 })).toMatchObject([{ kind: 'agent', reason: 'damaged_store' }]);
    expect(told).toHaveLength(1);
    expect(
      readdirSync(directory).filter((name) => /^alerts\.db\.damaged-20231114T221320\.000Z$/.test(name)),
    ).toHaveLength(1);

    store.collection('states').put('f1', 1);
    store.close();
    const again = open();
    expect(again.store.collection('states').get('f1')).toBe(1);
    expect(again.log.lines).toEqual([]);
  });
});

describe('AL-064: without a usable disk state is kept in memory, which is logged once', () => {
  const worksInMemory = (store: AlertStore) => {
    store.transaction(() => {
      store.collection('states').put('f1', 1);
      store.audit(entry(1));
    });
    expect(store.collection('states').get('f1')).toBe(1);
    expect(store.history({ limit: 9 })).toEqual([entry(1)]);
  };

  it('if the directory cannot be created', () => {
    writeFileSync(join(directory, 'file'), '');
    const { store, log } = open({ directory: join(directory, 'file', 'state') });
    worksInMemory(store);
    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]).toMatch(/^warn: Alert state is kept in memory only and will be lost on exit/);
  });

  it('if the package has no binary for the platform', () => {
    const driver = () => {
      throw new Error("Cannot find module '@libsql/freebsd-x64'");
    };
    const { store, log } = open({ driver });
    expect(log.lines).toEqual([]);
    worksInMemory(store);
    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]).toMatch(/keeping it in memory.*freebsd/);
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe('H-017, H-018: its files', () => {
  const files = ['alerts.db', 'alerts.db-wal', 'alerts.db-shm'];
  const modes = () => files.map((name) => statSync(join(directory, 'made', name)).mode & 0o777);

  it('only owner and group read them, also those of an earlier version', () => {
    const before = process.umask(0o022);
    try {
      const made = join(directory, 'made');
      open({ directory: made }).store.audit(entry(1));
      expect(modes()).toEqual([0o640, 0o640, 0o640]);
      expect(statSync(made).mode & 0o777).toBe(0o750);
      for (const name of files) chmodSync(join(made, name), 0o644);
      open({ directory: made });
      expect(modes()).toEqual([0o640, 0o640, 0o640]);
    } finally {
      process.umask(before);
    }
  });

  it.each(files)('%s is not opened through a symbolic link', (name) => {
    const victim = join(directory, 'victim');
    symlinkSync(victim, join(directory, name));
    const { store, log } = open();
    store.audit(entry(1));
    expect(existsSync(victim)).toBe(false);
    expect(JSON.stringify(log)).toMatch(/not a regular file/);
  });
});
