import type { Place, RecordsAt, SegmentStore } from './segment-store.ts';

/** Reads the next records from disk while those before them are on their way. */
export class ReadAhead {
  #place: Place | undefined;
  #reading: Promise<RecordsAt | undefined> | undefined;

  /** Begins to read what comes at a place; it is probably asked for next. */
  begin(store: SegmentStore, place: Place): void {
    if (isSame(place, this.#place)) return;
    this.#place = place;
    // What is wrong is told to who asks for the records and has to read them then.
    this.#reading = store.read(place).catch(() => undefined);
  }

  /** As `store.read`. */
  async read(store: SegmentStore, place: Place): Promise<RecordsAt> {
    const reading = isSame(place, this.#place) ? this.#reading : undefined;
    this.#place = undefined;
    this.#reading = undefined;
    const read = await reading;
    // There may be more by now.
    return read === undefined || read.records.length === 0 ? store.read(place) : read;
  }
}

function isSame(a: Place, b: Place | undefined): boolean {
  return a.base === b?.base && a.offset === b.offset;
}
