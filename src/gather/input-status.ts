/** How an input does. Times are ms. */
export interface InputStatus {
  readonly alias: string;
  readonly plugin: string;
  readonly intervalMs: number;
  /** Scheduled time of the last gather that has ended, since the Unix epoch; null before, and for streams. */
  readonly lastAt: number | null;
  /** How long that gather took. */
  readonly lastMs: number | null;
  readonly metrics: number;
  readonly errors: number;
  /** Undefined if it works. */
  readonly error: string | undefined;
}
