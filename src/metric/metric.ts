/**
 * The one data model: a metric is a line of InfluxDB line protocol seen as an object. Text and object are two views of
 * one thing; `line-protocol.ts` goes from one to the other without loss.
 */

/** A JavaScript number is written as a float, a bigint as an integer (`42i`), so a field never changes type by value. */
export type FieldValue = number | bigint | string | boolean;

/** Tag keys and values. Empty values are left out of the line. */
export type Tags = Readonly<Record<string, string>>;

export type Fields = Readonly<Record<string, FieldValue>>;

/** One sample of one series. Immutable: a processor that changes something returns a new one. */
export interface Metric {
  /** The measurement, e.g. `cpu`. */
  readonly name: string;
  readonly tags: Tags;
  /** At least one field. */
  readonly fields: Fields;
  /** Nanoseconds since the Unix epoch. */
  readonly time: bigint;
}
