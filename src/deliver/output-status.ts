/** How an output does. Times are ms. */
export interface OutputStatus {
  readonly alias: string;
  readonly plugin: string;
  readonly flushIntervalMs: number;
  readonly waitingLines: number;
  /** Compressed. */
  readonly waitingBytes: number;
  /** Age of the oldest line that waits, as far as it was read; 0 if none waits. */
  readonly lagMs: number;
  readonly written: number;
  /** Lost to the bounds of the journal. */
  readonly dropped: number;
  readonly errors: number;
  /** Undefined if it works. */
  readonly error: string | undefined;
}
