/**
 * Copies of `hub.db`, with the certificate that the hub has made for itself, since agents trust no other: made while the hub runs,
 * and put in its place when it does not.
 */
import { accessSync, constants, existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { errorCode } from '../core/errors.ts';
import { jsonOf } from '../core/json.ts';
import { retryRenameSync } from '../core/retry-rename.ts';
import { giveTo } from '../host/give-to.ts';
import { checkCopy, copyInto, created, putInPlace } from '../host/sqlite/copy.ts';
import { inTransaction, loadDriver, type Driver, type Sqlite } from '../host/sqlite/driver.ts';
import { moveAside } from '../host/sqlite/move-aside.ts';
import { readOnly } from '../host/sqlite/read-only.ts';

import { beginAgain } from './positions.ts';
import type { HostRecord, HubEvent } from './records.ts';
import { publicKey } from './secrets.ts';
import { checkVersion, HUB_FILE } from './store.ts';

/** Only in copies: what else belongs to the hub. */
const FILES = 'CREATE TABLE files (name TEXT PRIMARY KEY, content BLOB NOT NULL) WITHOUT ROWID';
const CERTIFICATE = 'certificate';

export interface HubFiles {
  readonly stateDirectory: string;
  /** Name of the file with the hub's own certificate and its key. */
  readonly certificate: string;
}

/**
 * @param to a new file
 * @returns its size, bytes
 * @throws Error if this agent has not been a hub, or the file exists or cannot be written
 */
export function backUpHub(
  { stateDirectory, certificate }: HubFiles,
  to: string,
  driver: Driver = loadDriver(),
): number {
  const path = join(stateDirectory, HUB_FILE);
  try {
    accessSync(path, constants.R_OK);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    throw new Error(`${path} does not exist: this agent has not been a hub`);
  }
  return created(to, () => {
    copyInto(driver, path, to);
    const own = join(stateDirectory, certificate);
    changing(driver, to, (db) => {
      db.exec(FILES);
      if (existsSync(own)) db.prepare('INSERT INTO files VALUES (?, ?)').run(CERTIFICATE, readFileSync(own));
    });
    return statSync(to).size;
  });
}

/** @returns the id of the hub that keeps its hosts there; undefined if there is none, or it cannot be read */
export function hubIdIn(stateDirectory: string, driver: Driver = loadDriver()): string | undefined {
  const path = join(stateDirectory, HUB_FILE);
  if (!existsSync(path)) return undefined;
  try {
    const db = readOnly(driver, path);
    try {
      return (db.prepare('SELECT id FROM identity').get() as { readonly id: string } | undefined)?.id;
    } finally {
      db.close();
    }
  } catch {
    return undefined; // An earlier version, or damaged: the hub itself refuses the sessions of its own agent.
  }
}

export interface RestoredHub {
  readonly hosts: number;
  /** When the last of them was heard before the copy was made; undefined without hosts. ms since the Unix epoch. */
  readonly heardAt: number | undefined;
  /** Where the files before are kept. */
  readonly aside: readonly string[];
}

/**
 * Puts a copy in the place of the hub's file. The hub must not run. Agents have gone on since the copy was made, so the account of
 * each begins again with its next line. Join tokens end: some may have been used up since.
 *
 * @param now ms since the Unix epoch
 * @throws Error if the file is no sound copy; then nothing has changed
 */
export function restoreHub(
  { stateDirectory, certificate }: HubFiles,
  from: string,
  now: number,
  driver: Driver = loadDriver(),
): RestoredHub {
  const { hosts, own } = contentOf(driver, from);
  const replaced = own === undefined ? undefined : putCertificate(stateDirectory, certificate, own, now);
  const aside = putInPlace(driver, { from, path: join(stateDirectory, HUB_FILE), now }, (fresh) => {
    changing(driver, fresh, (db) => {
      goOn(db, hosts, now);
    });
  });
  const heardAt = hosts.length === 0 ? undefined : Math.max(...hosts.map((host) => host.heardAt));
  return { hosts: hosts.length, heardAt, aside: [aside, replaced].filter((path) => path !== undefined) };
}

interface Content {
  readonly hosts: readonly HostRecord[];
  /** The hub's own certificate. */
  readonly own: Buffer | undefined;
}

function contentOf(driver: Driver, from: string): Content {
  const content: { hosts: readonly HostRecord[]; own: Buffer | undefined } = { hosts: [], own: undefined };
  checkCopy(driver, from, {
    what: 'a copy of a hub',
    tables: ['hosts', 'tokens', 'events', 'files'],
    check: (db) => {
      checkVersion(db);
      content.hosts = hostsIn(db, from);
      const find = db.prepare('SELECT content FROM files WHERE name = ?');
      const row = find.get(CERTIFICATE) as { readonly content: Uint8Array } | undefined;
      content.own = row && Buffer.from(row.content);
    },
  });
  return content;
}

/** @throws Error for a record without a key that can be used */
function hostsIn(db: Sqlite, from: string): readonly HostRecord[] {
  const rows = db.prepare('SELECT id, record FROM hosts ORDER BY id').all() as { id: string; record: string }[];
  return rows.map(({ id, record }) => {
    const host = jsonOf(record) as Partial<HostRecord> | undefined;
    if (host?.id !== id || host.account === undefined || publicKey(host.key ?? '') === undefined)
      throw new Error(`${from} cannot be restored: the record of the host ${id} is damaged`);
    return host as HostRecord;
  });
}

function goOn(db: Sqlite, hosts: readonly HostRecord[], now: number): void {
  const write = db.prepare('UPDATE hosts SET record = ? WHERE id = ?');
  for (const host of hosts) {
    beginAgain(host.account);
    // Of an old copy all would be forgotten before they can be heard.
    write.run(JSON.stringify({ ...host, heardAt: now }), host.id);
  }
  db.exec('DELETE FROM tokens; DROP TABLE files');
  const text = 'The hub was restored from a copy; the account of each host begins again';
  const event: HubEvent = { at: now, kind: 'restored', host: undefined, name: '', text };
  db.prepare('INSERT INTO events (at, host, record) VALUES (?, NULL, ?)').run(now, JSON.stringify(event));
}

/** @returns where another certificate is kept that was there */
function putCertificate(stateDirectory: string, name: string, content: Buffer, now: number): string | undefined {
  const path = join(stateDirectory, name);
  const isThere = existsSync(path);
  if (isThere && readFileSync(path).equals(content)) return undefined;
  const fresh = `${path}.new`;
  rmSync(fresh, { force: true });
  writeFileSync(fresh, content, { mode: 0o600, flag: 'wx', flush: true });
  giveTo(fresh, stateDirectory);
  const aside = isThere ? moveAside(path, now, 'before-restore') : undefined;
  retryRenameSync(() => {
    renameSync(fresh, path);
  });
  return aside;
}

function changing(driver: Driver, path: string, work: (db: Sqlite) => void): void {
  const db = new driver(path);
  try {
    inTransaction(db, () => {
      work(db);
    });
  } finally {
    db.close();
  }
}
