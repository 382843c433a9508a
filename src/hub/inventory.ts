/** What each host has told about its machine, and what changed in it: tables of `hub.db`. */
import type { FleetInventoryAnswer, InventoryChange } from '../api/fleet-inventory.ts';
import type { InventoryReport } from '../api/hub-protocol.ts';
import { inTransaction, type Sqlite } from '../host/sqlite/driver.ts';

import { inventoryRows } from './inventory-rows.ts';

/** Versions that do not know the tables leave them alone, so the version of the schema stays. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS inventories (host TEXT PRIMARY KEY, at INTEGER NOT NULL, record TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS inventory_changes
    (id INTEGER PRIMARY KEY, host TEXT NOT NULL, at INTEGER NOT NULL, record TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS inventory_changes_host ON inventory_changes (host, id)`;

/** Of each host; the oldest beyond are deleted. */
const MOST_CHANGES = 200;
/** Of one report. */
const MOST_AT_ONCE = 50;
const SHOWN = 200;
/** The same report is written again after so long, for its time. ms. */
const REFRESH_MS = 3_600_000;

export interface KnownInventory {
  /** ms since the Unix epoch. */
  readonly at: number;
  readonly report: InventoryReport;
}

export class Inventories {
  readonly #db: Sqlite;

  /** @throws the error of SQLite */
  constructor(db: Sqlite) {
    this.#db = db;
    db.exec(SCHEMA);
  }

  of(host: string): KnownInventory | undefined {
    const row = this.#db.prepare('SELECT at, record FROM inventories WHERE host = ?').get(host) as Row | undefined;
    return row && { at: row.at, report: reportIn(row) };
  }

  /** The newest first. */
  changes(host: string): readonly InventoryChange[] {
    const rows = this.#db
      .prepare('SELECT at, record FROM inventory_changes WHERE host = ? ORDER BY id DESC LIMIT ?')
      .all(host, SHOWN) as readonly Row[];
    return rows.map(({ at, record }) => ({ at, ...(JSON.parse(record) as Omit<InventoryChange, 'at'>) }));
  }

  /** On disk when it returns. @param now ms since the Unix epoch @returns what is different from before @throws the error of SQLite */
  put(host: string, report: InventoryReport, now: number): readonly InventoryChange[] {
    const before = this.of(host);
    const record = JSON.stringify(report);
    const isSame = before !== undefined && JSON.stringify(before.report) === record;
    if (isSame && Math.abs(now - before.at) < REFRESH_MS) return [];
    const changes = before === undefined || isSame ? [] : changesBetween(before.report, report, now);
    const db = this.#db;
    inTransaction(db, () => {
      db.prepare('INSERT OR REPLACE INTO inventories (host, at, record) VALUES (?, ?, ?)').run(host, now, record);
      const insert = db.prepare('INSERT INTO inventory_changes (host, at, record) VALUES (?, ?, ?)');
      // The newest is read first: so those of one report stay in their order.
      for (const { at, ...rest } of changes.toReversed()) insert.run(host, at, JSON.stringify(rest));
      if (changes.length > 0)
        db.prepare(
          `DELETE FROM inventory_changes WHERE host = ?1 AND id <= (SELECT id FROM inventory_changes WHERE host = ?1
             ORDER BY id DESC LIMIT 1 OFFSET ${MOST_CHANGES})`,
        ).run(host);
    });
    return changes;
  }

  /** Within the transaction of the caller. */
  forget(host: string): void {
    this.#db.prepare('DELETE FROM inventories WHERE host = ?').run(host);
    this.#db.prepare('DELETE FROM inventory_changes WHERE host = ?').run(host);
  }

  /** What hosts are compared by. @param nameOf undefined for a host that is not known any more */
  all(nameOf: (id: string) => string | undefined): FleetInventoryAnswer {
    const rows = this.#db
      .prepare(
        `SELECT host, at, record, (SELECT max(at) FROM inventory_changes WHERE host = inventories.host) AS changed
           FROM inventories ORDER BY host`,
      )
      .all() as readonly (Row & { readonly host: string; readonly changed: number | null })[];
    const hosts = rows.flatMap((row): FleetInventoryAnswer['hosts'] => {
      const name = nameOf(row.host);
      if (name === undefined) return [];
      const { os, kernel, arch, cores, memoryBytes, virtualisation, isRebootPending, version, inputs } = reportIn(row);
      const failing = inputs.filter(({ error }) => error !== null).map(({ alias }) => alias);
      return [
        {
          ...{ id: row.host, name, at: row.at, changedAt: row.changed, failing },
          ...{ os, kernel, arch, cores, memoryBytes, virtualisation, isRebootPending, version },
        },
      ];
    });
    return { hosts };
  }
}

interface Row {
  readonly at: number;
  readonly record: string;
}

/** It was checked before it was written. */
function reportIn({ record }: Row): InventoryReport {
  return JSON.parse(record) as InventoryReport;
}

/** By label. Errors of inputs come and go: they are no change of the machine. */
export function changesBetween(
  before: InventoryReport,
  after: InventoryReport,
  at: number,
): readonly InventoryChange[] {
  // What was never collected did not change when it was.
  const hasSections = before.sections.length > 0 && after.sections.length > 0;
  const [old, fresh] = [rowsOf(before, hasSections), rowsOf(after, hasSections)];
  const labels = [...new Set([...old.keys(), ...fresh.keys()])];
  return labels
    .map((label) => ({ at, label, before: old.get(label) ?? null, after: fresh.get(label) ?? null }))
    .filter((change) => change.before !== change.after)
    .slice(0, MOST_AT_ONCE);
}

function rowsOf(report: InventoryReport, hasSections: boolean): ReadonlyMap<string, string> {
  const sections = hasSections ? report.sections.flatMap(({ title, rows }) => rowsIn(title, rows)) : [];
  return new Map([
    ...inventoryRows(report),
    ['Inputs', report.inputs.map(({ alias }) => alias).join(', ')],
    ...sections,
  ]);
}

/** Facts that stand above are not repeated. */
function rowsIn(title: string, rows: readonly (readonly [string, string])[]): readonly (readonly [string, string])[] {
  if (title === 'Operating system') return [];
  return rows
    .filter(([label]) => label !== 'Virtualisation')
    .map(([label, value]) => [`${title}: ${label}`, value] as const);
}
