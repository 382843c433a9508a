/**
 * Frames of processes in `history.db`. Those of a minute become a row, and when an hour is over, its rows become one: kill -9
 * loses a minute at most. A row that cannot be read is removed.
 */
import type { ProcessFrame } from '../../host/processes/frame.ts';
import { inTransaction, type Sqlite } from '../../host/sqlite/driver.ts';
import { CorruptBlockError } from '../codec/corrupt-block.ts';
import { HOUR_MS, MINUTE_MS, startOf } from '../spans.ts';
import { decodeFrames, encodeFrames, FRAME_BLOCK_VERSION, MAX_FRAMES } from './frame-block.ts';

/** A frame says who was there at a time if it is at most this much older, ms. */
const MAX_AGE_MS = 60_000;
/** Maximum rows deleted in a step. */
const STEP = 64;
/** Frames that wait while nothing can be written; later ones are lost. */
const MAX_PENDING = 720;
/** Decoded rows that are kept: a pointer moves over a chart. */
const KEPT = 3;

interface Row {
  readonly from_ms: number;
  readonly to_ms: number;
  /** As libsql gives it. */
  readonly blob: ArrayBuffer;
}

/** All methods are synchronous and throw the errors of SQLite. */
export class FrameStore {
  readonly #db: Sqlite;
  readonly #onCorrupt: (error: CorruptBlockError) => void;
  readonly #statements: ReturnType<typeof prepare>;
  /** Not yet written, by time: frames of one minute, more if writing fails. */
  readonly #pending = new Map<number, ProcessFrame>();
  /** By the start of the row. */
  readonly #decoded = new Map<number, readonly ProcessFrame[]>();
  /** The hour of the newest row whose hour may have several. */
  #openHour: number | undefined;

  /** @param onCorrupt called for a row that cannot be read */
  constructor(db: Sqlite, onCorrupt: (error: CorruptBlockError) => void) {
    this.#db = db;
    this.#onCorrupt = onCorrupt;
    this.#statements = prepare(db);
    const { at } = this.#statements.newest.get() as { at: number | null };
    this.#openHour = at === null ? undefined : startOf(at, HOUR_MS);
  }

  /** Writes those of the minute before when a minute begins. */
  add(frame: ProcessFrame): void {
    const [first] = this.#pending.keys();
    try {
      if (first !== undefined && startOf(first, MINUTE_MS) !== startOf(frame.at, MINUTE_MS)) this.seal();
    } finally {
      if (this.#pending.size < MAX_PENDING) this.#pending.set(frame.at, frame);
    }
  }

  /** Writes what is in memory. */
  seal(): void {
    const frames = inOrder([...this.#pending.values()]);
    if (frames.length === 0) return;
    let open = this.#openHour;
    inTransaction(this.#db, () => {
      for (const hour of new Set(frames.map(({ at }) => startOf(at, HOUR_MS)))) {
        if (open !== undefined && open !== hour) this.#merge(open);
        open = hour;
        this.#write(frames.filter(({ at }) => startOf(at, HOUR_MS) === hour));
      }
    });
    this.#openHour = open;
    this.#pending.clear();
  }

  /** The newest frame at or before a time, ms, at most 60 s older. */
  at(time: number): ProcessFrame | undefined {
    const rows = this.#statements.overlapping.all(time - MAX_AGE_MS - HOUR_MS, time, time - MAX_AGE_MS) as Row[];
    let newest: ProcessFrame | undefined;
    const consider = (frame: ProcessFrame) => {
      const isInTime = frame.at <= time && frame.at >= time - MAX_AGE_MS;
      if (isInTime && frame.at >= (newest?.at ?? -Infinity)) newest = frame;
    };
    for (const row of rows) this.#read(row).forEach(consider);
    this.#pending.forEach(consider);
    return newest;
  }

  /**
   * Those from a time to another (exclusive), oldest first, row by row: an hour has hundreds of frames.
   *
   * @returns a generator, so that the caller ends when it has enough
   */
  *between(from: number, to: number): Generator<readonly ProcessFrame[], void> {
    const isInside = ({ at }: ProcessFrame) => at >= from && at < to;
    let next = from - HOUR_MS;
    for (;;) {
      // Row by row, since rows may be merged between two steps of the caller.
      const row = this.#statements.after.get(next, to, from) as Row | undefined;
      if (row === undefined) break;
      next = row.from_ms + 1;
      const frames = this.#read(row).filter(isInside);
      if (frames.length > 0) yield frames;
    }
    const pending = inOrder([...this.#pending.values()]).filter(isInside);
    if (pending.length > 0) yield pending;
  }

  /** Start of the oldest row, ms. */
  get oldest(): number | undefined {
    return (this.#statements.oldest.get() as { at: number | null }).at ?? undefined;
  }

  /**
   * Deletes rows that begin before a time, ms; one step.
   *
   * @returns true if there is more to delete
   */
  prune(before: number): boolean {
    return this.#statements.prune.run(before, STEP).changes === STEP;
  }

  /** The rows of an hour become one. */
  #merge(hour: number): void {
    const rows = this.#statements.ofHour.all(hour, hour + HOUR_MS) as Row[];
    if (rows.length < 2) return;
    const frames = inOrder(rows.flatMap((row) => this.#read(row)));
    for (const { from_ms } of rows) this.#remove(from_ms);
    for (let index = 0; index < frames.length; index += MAX_FRAMES)
      this.#insert(frames.slice(index, index + MAX_FRAMES));
  }

  /** @param frames of one hour, in order, at least one */
  #write(frames: readonly ProcessFrame[]): void {
    const [first] = frames;
    const same = this.#statements.one.get(first?.at) as Row | undefined;
    if (same === undefined) {
      this.#insert(frames);
      return;
    }
    // The clock was set back: what was written first goes on with what is written now.
    const all = inOrder([...this.#read(same), ...frames]);
    this.#remove(same.from_ms);
    this.#insert(all.slice(-MAX_FRAMES));
  }

  #insert(frames: readonly ProcessFrame[]): void {
    const [first, last] = [frames[0], frames.at(-1)];
    if (first === undefined || last === undefined) return;
    this.#decoded.delete(first.at);
    this.#statements.insert.run(first.at, last.at, FRAME_BLOCK_VERSION, encodeFrames(frames));
  }

  #remove(from: number): void {
    this.#decoded.delete(from);
    this.#statements.remove.run(from);
  }

  #read({ from_ms, blob }: Row): readonly ProcessFrame[] {
    const known = this.#decoded.get(from_ms);
    if (known !== undefined) return known;
    try {
      const frames = decodeFrames(Buffer.from(blob));
      const [oldest] = this.#decoded.keys();
      if (this.#decoded.size >= KEPT && oldest !== undefined) this.#decoded.delete(oldest);
      this.#decoded.set(from_ms, frames);
      return frames;
    } catch (error) {
      if (!(error instanceof CorruptBlockError)) throw error;
      this.#onCorrupt(error);
      this.#remove(from_ms);
      return [];
    }
  }
}

function prepare(db: Sqlite) {
  const columns = 'SELECT from_ms, to_ms, blob FROM frames WHERE';
  return {
    newest: db.prepare('SELECT max(from_ms) AS at FROM frames'),
    oldest: db.prepare('SELECT min(from_ms) AS at FROM frames'),
    one: db.prepare(`${columns} from_ms = ?`),
    ofHour: db.prepare(`${columns} from_ms >= ? AND from_ms < ? ORDER BY from_ms`),
    overlapping: db.prepare(`${columns} from_ms > ? AND from_ms <= ? AND to_ms >= ?`),
    after: db.prepare(`${columns} from_ms >= ? AND from_ms < ? AND to_ms >= ? ORDER BY from_ms LIMIT 1`),
    insert: db.prepare('INSERT OR REPLACE INTO frames (from_ms, to_ms, codec, blob) VALUES (?, ?, ?, ?)'),
    remove: db.prepare('DELETE FROM frames WHERE from_ms = ?'),
    prune: db.prepare(
      'DELETE FROM frames WHERE from_ms IN (SELECT from_ms FROM frames WHERE from_ms < ? ORDER BY from_ms LIMIT ?)',
    ),
  };
}

/** By time; of two at one time the later one counts. */
function inOrder(frames: readonly ProcessFrame[]): readonly ProcessFrame[] {
  return [...new Map(frames.map((frame) => [frame.at, frame])).values()].sort((a, b) => a.at - b.at);
}
