/** The newest records, in memory: those not on disk yet, and those that readers are likely to request next. */
import { types } from 'node:util';

import { packLines, type PackedLines } from '../metric/packed-lines.ts';

import type { JournalRecord } from './record.ts';
import type { Place } from './segment-store.ts';

/** Memory of a record in addition to its compressed lines. */
const OVERHEAD_BYTES = 256;

/** The newest records up to this size are also kept uncompressed, for readers that keep up. */
const HOT_BYTES = 1024 * 1024;

export class TailRecord {
  readonly first: number;
  readonly size: number;
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  /** Size of the lines before compression. */
  readonly bytes: number;
  isBeingWritten = false;
  /** Called with each change of `cost`. */
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

  /** Number after its last line. */
  get end(): number {
    return this.first + this.size;
  }

  /** Bytes held only in memory: the compressed size as soon as it is known, 0 once the record is on disk. */
  get cost(): number {
    return this.#cost;
  }

  /** Place on disk; undefined until it is written. */
  get place(): Place | undefined {
    return this.#place;
  }

  set place(place: Place | undefined) {
    this.#place = place;
    this.#setCost(0);
  }

  /** Drops the uncompressed lines. */
  cool(): void {
    this.#isCold = true;
    if (!types.isPromise(this.#packed)) this.#keep(this.#packed);
  }

  async packed(): Promise<JournalRecord> {
    return { first: this.first, time: this.time, packed: await this.#packed };
  }

  #keep(packed: PackedLines): void {
    // Copied, because zlib returns a view of a 16 KiB buffer, however small the data.
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
  /** Number of oldest records without uncompressed lines. */
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

  /** The oldest records that are not on disk, up to about so many bytes. */
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

  /** Bytes held only in memory. */
  get unstoredCost(): number {
    return this.#cost;
  }

  /** Whether the oldest record has dropped its uncompressed lines. */
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
