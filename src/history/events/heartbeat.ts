/** When the history was in use last, in its facts: at the next start it tells how long nothing was seen. */
import type { Sqlite } from '../../host/sqlite/driver.ts';
import type { HistoryEvent } from '../access.ts';
import { absence, type Alive } from './sources/absence.ts';

export class Heartbeat {
  readonly #db: Sqlite;

  constructor(db: Sqlite) {
    this.#db = db;
  }

  /** To be called once, before the first beat. @returns what happened since the last one */
  begin(now: Alive, bootedAt: number | undefined): readonly HistoryEvent[] {
    const [at, boot] = [this.#fact('alive_at'), this.#fact('alive_boot')];
    this.#set('alive_boot', now.boot);
    this.beat(now.at);
    return at === undefined ? [] : absence({ at, boot: boot ?? 0 }, now, bootedAt);
  }

  /** @param at ms since the Unix epoch */
  beat(at: number): void {
    this.#set('alive_at', Math.round(at));
  }

  #fact(name: string): number | undefined {
    const found = this.#db.prepare('SELECT value FROM facts WHERE name = ?').get(name);
    return (found as { value: number } | undefined)?.value;
  }

  #set(name: string, value: number): void {
    this.#db.prepare('INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)').run(name, value);
  }
}
