/**
 * The data model: a metric is a line of InfluxDB line protocol as an object. `line-protocol.ts` converts between the two
 * without loss.
 */

/** A number is written as a float, a bigint as an integer (`42i`), so a field's type never depends on its value. */
export type FieldValue = number | bigint | string | boolean;

/** Tag keys and values. Tags with an empty value are omitted from the line. */
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
