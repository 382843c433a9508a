/** What an input may know of the journal: for listeners, which confirm only what is safe. */
export interface Storage {
  /**
   * Why new points could be lost: the journal cannot be written, or is full of lines that an output has not taken. Undefined
   * if they are safe. A listener refuses requests then, so that clients keep their points.
   */
  readonly trouble: string | undefined;
  /** Number of the line that the journal gets next; lines of a journal that was lost begin at another one. */
  readonly nextLine: number;
  /**
   * Resolves when every point added before is on disk, synced as the journal is configured, or was dropped by a filter or
   * held back by a processor. In a journal in memory at once.
   *
   * @throws Error if the journal cannot be written: the points are only in memory
   */
  written(): Promise<void>;
}
