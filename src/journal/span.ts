/** Reads a range of line numbers, from disk or from memory. */
import { LineBatch, type BatchLimits } from '../metric/batch.ts';

import type { Gaps } from './gaps.ts';
import type { JournalBatch } from './journal.ts';
import { ReadAhead } from './read-ahead.ts';
import { endOf, type JournalRecord } from './record.ts';
import type { Place, SegmentStore } from './segment-store.ts';
import type { Tail } from './tail.ts';

/** Access to all lines of the journal. */
export interface LineLog {
  readonly tail: Tail;
  readonly gaps: Gaps;
  /** Undefined before recovery and without a disk. */
  readonly store: SegmentStore | undefined;
  /** Number of the next line to be appended. */
  readonly next: number;
  /** Closes the current group of lines into a record. */
  seal(): void;
}

export class Span {
  readonly #log: LineLog;
  readonly #limit: number | undefined;
  #position: number;
  /** Place of the record with the next line, if it is read from disk and the place is known. */
  #place: Place | undefined;
  /** Records already read from disk, and the place of the next one. */
  #ahead: readonly JournalRecord[] = [];
  #afterAhead: Place | undefined;
  readonly #readAhead = new ReadAhead();
  #lost = 0;

  /** @param limit exclusive end; undefined if the span grows with the journal */
  constructor(log: LineLog, position: number, limit?: number) {
    this.#log = log;
    this.#position = position;
    this.#limit = limit;
  }

  /** Number of the next line to read. */
  get position(): number {
    return this.#position;
  }

  get end(): number {
    return this.#limit ?? this.#log.next;
  }

  /** Lines that were dropped before they were read. */
  get lostLines(): number {
    return this.#lost;
  }

  get pendingLines(): number {
    return this.#log.gaps.lines(this.#position, this.end);
  }

  /** Costs no read. See `LineSource`. */
  get pendingSince(): number | undefined {
    if (this.#position >= this.end) return undefined;
    const isNext = (record: { readonly first: number }) => record.first <= this.#position;
    const [oldest] = this.#log.tail.from(this.#position);
    return (oldest !== undefined && isNext(oldest) ? oldest : this.#ahead.findLast(isNext))?.time;
  }

  /** Compressed. A span that ends before the journal gets its proportional share of the bytes from its position on. */
  get pendingBytes(): number {
    const { tail, gaps, store, next } = this.#log;
    const inMemory = tail.from(this.#position);
    const place = this.#position < this.#inMemoryFrom ? this.#place : inMemory[0]?.place;
    const onDisk = place === undefined ? 0 : (store?.bytesFrom(place) ?? 0);
    const bytes = inMemory.reduce((sum, record) => sum + (record.place === undefined ? record.cost : 0), onDisk);
    return Math.round((bytes * this.pendingLines) / Math.max(1, gaps.lines(this.#position, next)));
  }

  async peek(limits: BatchLimits): Promise<JournalBatch | undefined> {
    for (;;) {
      const position = this.#position;
      if (position >= this.end) return undefined;
      const records = await this.#records(position, limits);
      if (this.#position !== position) continue;
      const [first] = records;
      if (first === undefined || first.first >= this.end) this.#lose(this.end);
      else if (first.first > position) this.#lose(first.first);
      else return batchOf(records, position, this.end, limits);
    }
  }

  /** Moves to `end`. Lines before it that were dropped while being sent do not count as lost. */
  pass(end: number): void {
    if (end > this.#position) this.#moveTo(Math.min(end, this.end));
  }

  /** All lines before a number are gone. */
  lostUpTo(number: number): void {
    if (number > this.#position) this.#lose(Math.min(number, this.end));
  }

  /** Lines in the middle of the span are gone. Must be called before the gap is added. */
  lostBetween(from: number, to: number): void {
    if (this.#position >= from) this.lostUpTo(to);
    else if (from < this.end) this.#lost += this.#log.gaps.lines(from, to);
  }

  /** A record was evicted from memory and is now read from this place. */
  isAt(place: Place, first: number, end: number): void {
    if (this.#position >= first && this.#position < end) this.#place = place;
  }

  /** Finds the place of its position on disk. */
  async locate(): Promise<void> {
    const { store } = this.#log;
    const position = this.#position;
    if (position >= this.end || position >= this.#inMemoryFrom) return;
    const place = await store?.locate(position);
    if (this.#position === position) this.#place ??= place;
  }

  get #inMemoryFrom(): number {
    return this.#log.tail.oldest?.first ?? this.#log.next;
  }

  #lose(to: number): void {
    this.#lost += this.#log.gaps.lines(this.#position, to);
    this.#moveTo(to);
  }

  #moveTo(position: number): void {
    this.#position = position;
    const passed = this.#ahead.findIndex((record) => endOf(record) > position);
    if (this.#ahead.length > 0 && passed === -1) this.#place = this.#afterAhead;
    this.#ahead = passed === -1 ? [] : this.#ahead.slice(passed);
  }

  /** Records that end after the position, in order, enough for a batch if available. */
  async #records(position: number, limits: BatchLimits): Promise<readonly JournalRecord[]> {
    for (let from = -1; from !== this.#inMemoryFrom;) {
      const stored = await this.#storedRecords(position, limits);
      if (stored !== undefined) return stored;
      from = this.#inMemoryFrom;
      // Makes room in memory: the next record may be on disk only afterwards.
      this.#log.seal();
      if (position >= this.#inMemoryFrom) break;
    }
    const records: JournalRecord[] = [];
    let [lines, bytes] = [0, 0];
    for (const record of this.#log.tail.from(position)) {
      if (records.length > 0 && (lines >= limits.lines || bytes >= limits.bytes)) break;
      records.push(await record.packed());
      lines += record.size;
      bytes += record.bytes;
    }
    return records;
  }

  /** Undefined: what is next is in memory. */
  async #storedRecords(position: number, limits: BatchLimits): Promise<readonly JournalRecord[] | undefined> {
    const { store } = this.#log;
    // Records may move from memory to disk between the two lookups: retry until nothing has moved.
    for (let before = -1; store !== undefined && position < this.#inMemoryFrom && this.#inMemoryFrom !== before;) {
      before = this.#inMemoryFrom;
      const stored = await this.#recordsOnDisk(store, position, limits);
      if (stored.length > 0 || this.#position !== position) return stored;
    }
    return undefined;
  }

  async #recordsOnDisk(store: SegmentStore, position: number, limits: BatchLimits): Promise<readonly JournalRecord[]> {
    this.#place ??= await store.locate(position);
    let next = this.#ahead.length > 0 ? this.#afterAhead : this.#place;
    let ahead = this.#ahead;
    while (next !== undefined && !isEnough(ahead, limits)) {
      const { records, place } = await this.#readAhead.read(store, next);
      if (this.#position !== position) return [];
      if (ahead.length === 0 && place !== undefined && records.length === 0) this.#place = place;
      next = place;
      if (records.length === 0) break;
      ahead = [...ahead, ...records.filter((record) => endOf(record) > position)];
    }
    this.#ahead = ahead;
    this.#afterAhead = next;
    if (next !== undefined && ahead.length > 0) this.#readAhead.begin(store, next);
    return ahead;
  }
}

function isEnough(records: readonly JournalRecord[], limits: BatchLimits): boolean {
  const lines = records.reduce((sum, { packed }) => sum + packed.size, 0);
  const bytes = records.reduce((sum, { packed }) => sum + packed.bytes, 0);
  return lines >= limits.lines || bytes >= limits.bytes;
}

/** Whole records up to the limits; a part of the first one if it alone exceeds them. */
function batchOf(
  records: readonly JournalRecord[],
  position: number,
  limit: number,
  limits: BatchLimits,
): JournalBatch | undefined {
  const taken: JournalRecord[] = [];
  let [expected, lines, bytes] = [position, 0, 0];
  for (const record of records) {
    const { size, bytes: recordBytes } = record.packed;
    const isWhole = record.first === expected && endOf(record) <= limit;
    if (!isWhole || lines + size > limits.lines || bytes + recordBytes > limits.bytes) break;
    taken.push(record);
    lines += size;
    bytes += recordBytes;
    expected = endOf(record);
  }
  const groups = taken.map(({ packed }) => packed);
  if (taken.length > 0) return { batch: LineBatch.ofPacked(groups, { from: position, to: expected }), end: expected };
  const [first] = records;
  return first === undefined ? undefined : partOf(first, position, limit, limits);
}

function partOf(record: JournalRecord, position: number, limit: number, limits: BatchLimits): JournalBatch {
  const end = Math.min(endOf(record), limit);
  const batch = LineBatch.ofPacked([record.packed])
    .slice(position - record.first, end - record.first)
    .head(limits)
    .from(position);
  return { batch, end: position + batch.size };
}
