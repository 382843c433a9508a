/** Where lines wait until every output has sent them. Sizes are bytes, times milliseconds. */
export interface JournalSettings {
  /** `disk` survives the process; `memory` is gone with it. Default disk. */
  readonly buffer: 'disk' | 'memory';
  /** When what was written is forced to the disk: with each group of lines, once a second, when the system likes. */
  readonly sync: 'always' | 'interval' | 'none';
  /** Most on disk, compressed. Default 1 GiB. */
  readonly max_bytes: number;
  /** What is older is given up, sent or not. Default 7 d. */
  readonly max_age: number;
  /** What every output has sent is kept for this long all the same, for `journal replay`. Default 0. */
  readonly keep: number;
  /** Most in memory, compressed: without a disk, or while it cannot be written. Default 64 MiB. */
  readonly memory_bytes: number;
}
