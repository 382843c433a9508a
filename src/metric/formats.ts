/** Text formats of metrics for files, queues and HTTP. */
import { CSV_HEADER, toCsv } from './formats/csv.ts';
import { toJsonLines } from './formats/json.ts';
import { TIMESTAMP_UNITS, type TimestampUnits } from './formats/timestamp.ts';
import type { Metric } from './metric.ts';

export { csvCell } from './formats/csv.ts';
export { fieldJson } from './formats/json.ts';
export { rfc3339, unixTime } from './formats/timestamp.ts';
export { TIMESTAMP_UNITS, type TimestampUnits };

/** influx: line protocol; json: Telegraf's objects, one per line; csv: one row per field. */
export const FORMATS = ['influx', 'json', 'csv'] as const;

export type Format = (typeof FORMATS)[number];

export const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  influx: 'text/plain; charset=utf-8',
  json: 'application/x-ndjson',
  csv: 'text/csv; charset=utf-8',
};

interface Lines {
  readonly lines: Uint8Array;
  metrics(): Iterable<Metric>;
}

/**
 * Encodes a batch, without a header.
 *
 * @param units precision of times in json and csv; influx always has nanoseconds
 */
export function encodeBatch(batch: Lines, format: Format, units: TimestampUnits): Uint8Array {
  switch (format) {
    case 'influx':
      return batch.lines;
    case 'json':
      return Buffer.from(toJsonLines(batch.metrics(), units));
    case 'csv':
      return Buffer.from(toCsv(batch.metrics(), units));
  }
}

/** The first line of a file; empty for formats without a header. */
export function formatHeader(format: Format): string {
  return format === 'csv' ? CSV_HEADER : '';
}
