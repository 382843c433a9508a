/** Samples as rows of SQLite, clustered by series and time: the layout in which rows are smallest and are read fastest. */
export function createRows(core, path) {
  const db = new (core.loadDriver())(path);
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;
    CREATE TABLE series (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE);
    CREATE TABLE samples (series INTEGER, time INTEGER, value, PRIMARY KEY (series, time)) WITHOUT ROWID`);
  const addSeries = db.prepare('INSERT INTO series (key) VALUES (?)');
  const insert = db.prepare('INSERT OR REPLACE INTO samples VALUES (?, ?, ?)');
  const select = db.prepare('SELECT time, value FROM samples WHERE series = ? AND time >= ? AND time < ?').raw();
  const waiting = new Map();
  const ids = new Map();
  return {
    add(time, samples) {
      for (const { key, value } of samples) {
        const all = waiting.get(key) ?? [];
        all.push([time, typeof value === 'boolean' ? Number(value) : value]);
        waiting.set(key, all);
      }
    },
    /** Series by series, and packed. */
    store() {
      db.exec('BEGIN');
      for (const [key, all] of waiting) {
        const id = Number(addSeries.run(key).lastInsertRowid);
        ids.set(key, id);
        for (const [time, value] of all) insert.run(id, time, value);
      }
      db.exec('COMMIT');
      waiting.clear();
      db.exec('VACUUM');
    },
    /** One value for each step, as the history answers. */
    read(key, from, to, step) {
      const values = new Float64Array((to - from) / step).fill(NaN);
      for (const [time, value] of select.all(ids.get(key), from, to)) values[Math.floor((time - from) / step)] = value;
      return values;
    },
    close() {
      db.pragma('wal_checkpoint(TRUNCATE)');
      db.close();
    },
  };
}
