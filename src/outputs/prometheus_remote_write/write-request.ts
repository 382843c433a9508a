/** Encodes `prometheus.WriteRequest` of remote write 1.0. */
import { ProtobufWriter, tagOf, varintSize } from '../../plugin/index.ts';
import type { SampleType } from '../prometheus-names.ts';

import type { Series } from './series-table.ts';

/** Field numbers. */
const TIME_SERIES = 1;
const METADATA = 3;
const SAMPLE = 2;

/** `double value = 1; int64 timestamp = 2`. */
const VALUE_TAG = 0x09;
const TIMESTAMP_TAG = 0x10;
/** Size of a sample without its timestamp: two tags and the value. Bytes. */
const SAMPLE_REST = 10;

/** `MetricMetadata.MetricType`. */
const TYPES: Readonly<Record<SampleType, number>> = { untyped: 0, counter: 1, gauge: 2 };

export class WriteRequestEncoder {
  readonly #writer = new ProtobufWriter();
  readonly #part = new ProtobufWriter();

  /**
   * @param described one series of each name whose metadata is sent
   * @returns bytes that are valid until the next call
   */
  encode(all: readonly Series[], described: Iterable<Series>): Uint8Array {
    const writer = this.#writer;
    writer.take();
    for (const series of all) writeSeries(writer, series);
    for (const series of described) writer.field(METADATA, this.#metadata(series));
    return writer.take();
  }

  /** `MetricType type = 1; string metric_family_name = 2; string help = 4; string unit = 5`. */
  #metadata({ name, type, help, unit = '' }: Series): Uint8Array {
    const part = this.#part;
    part.take();
    part.varint(1 << 3);
    part.varint(TYPES[type]);
    part.field(2, Buffer.from(name));
    part.field(4, Buffer.from(help));
    part.field(5, Buffer.from(unit));
    return part.take();
  }
}

/** `repeated Label labels = 1; repeated Sample samples = 2`. */
function writeSeries(writer: ProtobufWriter, { labels, times, values }: Series): void {
  let size = labels.length;
  for (const time of times) size += 2 + SAMPLE_REST + varintSize(time);
  writer.varint(tagOf(TIME_SERIES));
  writer.varint(size);
  writer.bytes(labels);
  // By index, since this runs for every sample.
  for (let index = 0; index < times.length; index += 1) {
    const time = times[index] ?? 0;
    writer.varint(tagOf(SAMPLE));
    writer.varint(SAMPLE_REST + varintSize(time));
    writer.varint(VALUE_TAG);
    writer.double(values[index] ?? 0);
    writer.varint(TIMESTAMP_TAG);
    writer.int64(time);
  }
}
