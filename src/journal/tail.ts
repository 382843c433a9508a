/** The newest records, in memory: those that are not on the disk yet, and those that readers are likely to ask for next. */
import { types } from 'node:util';

import { packLines, type PackedLines } from '../metric/packed-lines.ts';

import type { JournalRecord } from './record.ts';
import type { Place } from './segment-store.ts';

/** What a record costs besides its compressed lines. */
const OVERHEAD_BYTES = 256;

/** Uncompressed lines are kept of this many bytes of the newest records, for readers that keep up. */
const HOT_BYTES = 1024 * 1024;

export class TailRecord {
  readonly first: number;
  readonly size: number;
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  /** Of the lines before compression. */
  readonly bytes: number;
  isBeingWritten = false;
  /** Told when `cost` changes, and by how much. */
  onCost: (change: number) => void = () => undefined;
  #place: Place | undefined;
  #cost: number;
  #packed: PackedLines | Promise<PackedLines>;
  #isCold = false;

  constructor(first: number, lines: Uint8Array, size: number, time: number) {
    this.first = first;
    this.size = size;
    this.time = time;
    this.bytes = lines.length;
    this.#cost = OVERHEAD_BYTES + lines.length;
    const packed = packLines(lines, size);
    this.#packed = packed;
    if (!types.isPromise(packed)) this.#keep(packed);
    else {
      void packed.then((each) => {
        this.#keep(each);
      });
    }
  }

  /** The number after its last line. */
  get end(): number {
    return this.first + this.size;
  }

  /** Bytes it takes in memory only: compressed, as soon as that is known; 0 once it is on the disk. */
  get cost(): number {
    return this.#cost;
  }

  /** Where it lies on the disk; undefined if it does not. */
  get place(): Place | undefined {
    return this.#place;
  }

  set place(place: Place | undefined) {
    this.#place = place;
    this.#setCost(0);
  }

  /** Gives up the uncompressed lines. */
  cool(): void {
    this.#isCold = true;
    if (!types.isPromise(this.#packed)) this.#keep(this.#packed);
  }

  async packed(): Promise<JournalRecord> {
    return { first: this.first, time: this.time, packed: await this.#packed };
  }

  #keep(packed: PackedLines): void {
    // As it comes from zlib it is a view of a buffer of 16 KiB, however little it holds.
    const fragment = new Uint8Array(packed.fragment);
    if (this.#place === undefined) this.#setCost(OVERHEAD_BYTES + fragment.length);
    this.#packed = { ...packed, fragment, lines: this.#isCold ? undefined : packed.lines };
  }

  #setCost(cost: number): void {
    const change = cost - this.#cost;
    this.#cost = cost;
    this.onCost(change);
  }
}

export class Tail {
  #cost = 0;
  readonly #records: TailRecord[] = [];
  /** How many of the oldest have given up their uncompressed lines. */
  #cold = 0;
  #hotBytes = 0;

  get oldest(): TailRecord | undefined {
    return this.#records[0];
  }

  push(record: TailRecord): void {
    this.#records.push(record);
    this.#cost += record.cost;
    record.onCost = (change) => {
      this.#cost += change;
    };
    this.#hotBytes += record.bytes;
    for (
      let next = this.#records[this.#cold];
      next !== record && next !== undefined;
      next = this.#records[this.#cold]
    ) {
      if (this.#hotBytes <= HOT_BYTES) break;
      next.cool();
      this.#cold += 1;
      this.#hotBytes -= next.bytes;
    }
  }

  /** Records that end after a position. */
  from(position: number): readonly TailRecord[] {
    let [low, high] = [0, this.#records.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#records[middle]?.end ?? Infinity) > position) high = middle;
      else low = middle + 1;
    }
    return this.#records.slice(low);
  }

  /** The oldest records that are not on the disk, of about so many bytes. */
  unstored(atMostBytes: number): readonly TailRecord[] {
    const first = this.#records.findIndex(({ place }) => place === undefined);
    if (first === -1) return [];
    const records: TailRecord[] = [];
    let bytes = 0;
    for (const record of this.#records.slice(first)) {
      if (bytes > 0 && bytes + record.bytes > atMostBytes) break;
      bytes += record.bytes;
      records.push(record);
    }
    return records;
  }

  /** Bytes that are in memory only. */
  get unstoredCost(): number {
    return this.#cost;
  }

  /** Whether the oldest record is no longer among the newest. */
  get isOldestCold(): boolean {
    return this.#cold > 0;
  }

  shift(): TailRecord | undefined {
    const record = this.#records.shift();
    if (record === undefined) return undefined;
    this.#cost -= record.cost;
    record.onCost = () => undefined;
    if (this.#cold > 0) this.#cold -= 1;
    else this.#hotBytes -= record.bytes;
    return record;
  }
}
