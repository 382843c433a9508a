import type { Place, RecordsAt, SegmentStore } from './segment-store.ts';

/** Prefetches the next records from disk while the previous ones are being sent. */
export class ReadAhead {
  #place: Place | undefined;
  #reading: Promise<RecordsAt | undefined> | undefined;

  /** Starts to read at a place that is probably requested next. */
  begin(store: SegmentStore, place: Place): void {
    if (isSame(place, this.#place)) return;
    this.#place = place;
    // An error surfaces when the records are requested and read again.
    this.#reading = store.read(place).catch(() => undefined);
  }

  /** As `store.read`. */
  async read(store: SegmentStore, place: Place): Promise<RecordsAt> {
    const reading = isSame(place, this.#place) ? this.#reading : undefined;
    this.#place = undefined;
    this.#reading = undefined;
    const read = await reading;
    // Records may have been appended since an empty read.
    return read === undefined || read.records.length === 0 ? store.read(place) : read;
  }
}

function isSame(a: Place, b: Place | undefined): boolean {
  return a.base === b?.base && a.offset === b.offset;
}
