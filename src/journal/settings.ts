/** Settings of the journal. Sizes are in bytes, times in milliseconds. */
export interface JournalSettings {
  /** `disk` survives a restart, `memory` does not. Default disk. */
  readonly buffer: 'disk' | 'memory';
  /** When to fsync: with each write, once a second, or never (left to the system). */
  readonly sync: 'always' | 'interval' | 'none';
  /** Maximum size on disk, compressed. Default 1 GiB. */
  readonly max_bytes: number;
  /** Maximum age of lines, sent or not. Default 7 d. */
  readonly max_age: number;
  /** Minimum time for which sent lines are kept, for `journal replay`. Default 0. */
  readonly keep: number;
  /** Maximum size in memory, compressed: without a disk, or while writes to it fail. Default 64 MiB. */
  readonly memory_bytes: number;
}
