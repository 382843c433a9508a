/** What happened, in `history.db`: bounded, the newest kept. */
import type { Sqlite } from '../../host/sqlite/driver.ts';
import { oneLine, truncate } from '../../plugin/message-text.ts';
import type { HistoryEvent } from '../access.ts';

export const MAX_EVENTS = 100_000;
const MAX_TITLE = 300;
/** Of a fingerprint. */
const MAX_ALERT = 100;
/** Maximum rows deleted in a step. */
const STEP = 1000;
/** Every so many additions the number of rows is looked at. */
const LOOK = 100;

interface Row {
  readonly at: number;
  readonly until: number | null;
  readonly kind: string;
  readonly level: string;
  readonly title: string;
  readonly alert: string | null;
}

/** All methods are synchronous and throw the errors of SQLite. */
export class EventStore {
  readonly #statements: ReturnType<typeof prepare>;
  readonly #max: number;
  #added = 0;

  /** @param max number of events; `LOOK` more for a while */
  constructor(db: Sqlite, max = MAX_EVENTS) {
    this.#max = max;
    this.#statements = prepare(db);
  }

  /** What was added before with the same alert (without one: the same title) and time is the same event: it gets an end. */
  add({ at, until, kind, level, title, alert }: HistoryEvent): void {
    const text = truncate(oneLine(title), MAX_TITLE);
    const id = alert === undefined ? undefined : truncate(oneLine(alert), MAX_ALERT);
    const end = until === undefined ? null : Math.round(until);
    this.#statements.add.run(Math.round(at), end, kind, level, text, id ?? null, id ?? text);
    if (this.#added % LOOK === 0) this.#statements.removeBeyond.run(this.#max);
    this.#added += 1;
  }

  /**
   * Those that touch a range (`to` exclusive), ms: began or ended in it, or alerts that last through it. The newest first.
   *
   * @param limit maximum number
   */
  list(from: number, to: number, limit: number): readonly HistoryEvent[] {
    const rows = this.#statements.list.all(to, from, from, limit) as Row[];
    return rows.map(({ at, until, kind, level, title, alert }) => ({
      at,
      ...(until === null ? {} : { until }),
      kind: kind as HistoryEvent['kind'],
      level: level as HistoryEvent['level'],
      title,
      ...(alert === null ? {} : { alert }),
    }));
  }

  /** When the oldest one began, ms. */
  get oldest(): number | undefined {
    return (this.#statements.oldest.get() as { at: number | null }).at ?? undefined;
  }

  /**
   * Deletes events that began before a time, ms; one step.
   *
   * @returns true if there is more to delete
   */
  prune(before: number): boolean {
    return this.#statements.prune.run(before, STEP).changes === STEP;
  }
}

function prepare(db: Sqlite) {
  return {
    add: db.prepare(`INSERT INTO events (at, until, kind, level, title, alert, key) VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (at, kind, key) DO UPDATE SET until = excluded.until,
        level = CASE WHEN excluded.until IS NULL THEN excluded.level ELSE level END,
        title = CASE WHEN excluded.until IS NULL THEN excluded.title ELSE title END`),
    // An alert that has not ended lasts; other events without an end are moments.
    list: db.prepare(`SELECT at, until, kind, level, title, alert FROM events
      WHERE at < ? AND (at >= ? OR until >= ? OR (until IS NULL AND kind = 'alert'))
      ORDER BY at DESC, id DESC LIMIT ?`),
    oldest: db.prepare('SELECT min(at) AS at FROM events'),
    removeBeyond: db.prepare(
      'DELETE FROM events WHERE id IN (SELECT id FROM events ORDER BY at DESC LIMIT -1 OFFSET ?)',
    ),
    prune: db.prepare('DELETE FROM events WHERE id IN (SELECT id FROM events WHERE at < ? ORDER BY at LIMIT ?)'),
  };
}
