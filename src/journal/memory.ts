/** The journal in memory: bounded by bytes, gone with the process. */
import { LineBatch } from '../core/batch.ts';

import type { BatchLimits, Journal, JournalBatch, JournalReader } from './journal.ts';

interface MemoryRecord {
  readonly lines: Uint8Array;
  readonly size: number;
}

export interface MemoryJournalOptions {
  /** Most bytes of lines that are kept. */
  readonly maxBytes: number;
}

export class MemoryJournal implements Journal {
  readonly #maxBytes: number;
  readonly #readers = new Map<string, MemoryReader>();
  /** Records not yet passed by all readers. `#first` is the position of the first one; positions count records. */
  #records: MemoryRecord[] = [];
  #first = 0;
  #bytes = 0;
  /** Outputs that keep up read the same records at the same time; the last batch is made, and compressed, once. */
  #lastBatch: (JournalBatch & { readonly start: number }) | undefined;

  constructor({ maxBytes }: MemoryJournalOptions) {
    this.#maxBytes = maxBytes;
  }

  append(lines: Uint8Array, size: number): void {
    if (size === 0 || this.#readers.size === 0) return;
    this.#records.push({ lines, size });
    this.#bytes += lines.length;
    for (const reader of this.#readers.values()) reader.added(size, lines.length);
    while (this.#bytes > this.#maxBytes && this.#records.length > 1) this.#dropOldest();
  }

  reader(name: string): JournalReader {
    let reader = this.#readers.get(name);
    if (reader === undefined) {
      reader = new MemoryReader(this, this.#first + this.#records.length);
      this.#readers.set(name, reader);
    }
    return reader;
  }

  forget(name: string): void {
    this.#readers.delete(name);
    this.trim();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** The batch that starts at a position: whole records up to the limits, but at least one. */
  batchAt(start: number, limits: BatchLimits): JournalBatch | undefined {
    const records = this.#records;
    const from = start - this.#first;
    let to = from;
    let size = 0;
    let bytes = 0;
    for (let record = records[to]; record !== undefined; record = records[to]) {
      if (to > from && (size + record.size > limits.lines || bytes + record.lines.length > limits.bytes)) break;
      size += record.size;
      bytes += record.lines.length;
      to += 1;
    }
    if (to === from) return undefined;
    const end = this.#first + to;
    if (this.#lastBatch?.start !== start || this.#lastBatch.end !== end) {
      const lines = Buffer.concat(records.slice(from, to).map((record) => record.lines));
      this.#lastBatch = { start, end, batch: new LineBatch(lines, size) };
    }
    return this.#lastBatch;
  }

  /** What the records from one position up to another hold. */
  measure(start: number, end: number): { readonly lines: number; readonly bytes: number } {
    const passed = this.#records.slice(start - this.#first, end - this.#first);
    return {
      lines: passed.reduce((sum, record) => sum + record.size, 0),
      bytes: passed.reduce((sum, record) => sum + record.lines.length, 0),
    };
  }

  /** Gives back what every reader has passed. */
  trim(): void {
    const needed = Math.min(this.#first + this.#records.length, ...[...this.#readers.values()].map((r) => r.position));
    const count = needed - this.#first;
    if (count <= 0) return;
    for (const record of this.#records.splice(0, count)) this.#bytes -= record.lines.length;
    this.#first = needed;
    if (this.#lastBatch !== undefined && this.#lastBatch.start < needed) this.#lastBatch = undefined;
  }

  #dropOldest(): void {
    const oldest = this.#records.shift();
    if (oldest === undefined) return;
    this.#first += 1;
    this.#bytes -= oldest.lines.length;
    for (const reader of this.#readers.values()) reader.forcedTo(this.#first, oldest.size, oldest.lines.length);
  }
}

class MemoryReader implements JournalReader {
  readonly #journal: MemoryJournal;
  position: number;
  pendingLines = 0;
  pendingBytes = 0;
  lostLines = 0;

  constructor(journal: MemoryJournal, position: number) {
    this.#journal = journal;
    this.position = position;
  }

  peek(limits: BatchLimits): Promise<JournalBatch | undefined> {
    return Promise.resolve(this.#journal.batchAt(this.position, limits));
  }

  acknowledge(end: number): void {
    if (end <= this.position) return; // The bound took these lines while they were on their way.
    const passed = this.#journal.measure(this.position, end);
    this.#pass(passed.lines, passed.bytes);
    this.position = end;
    this.#journal.trim();
  }

  added(lines: number, bytes: number): void {
    this.pendingLines += lines;
    this.pendingBytes += bytes;
  }

  /** The record before `first` was dropped. */
  forcedTo(first: number, lines: number, bytes: number): void {
    if (this.position >= first) return;
    this.position = first;
    this.lostLines += lines;
    this.#pass(lines, bytes);
  }

  #pass(lines: number, bytes: number): void {
    this.pendingLines -= lines;
    this.pendingBytes -= bytes;
  }
}
