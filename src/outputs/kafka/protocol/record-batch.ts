/** Record batches of format 2, the only one since Kafka 0.11. https://kafka.apache.org/documentation/#recordbatch */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

import { crc32c } from './crc32c.ts';
import { Writer } from './wire.ts';

const compress = promisify(gzip);

const MAGIC = 2;
const GZIP = 1;

export interface KafkaRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array;
  /** Milliseconds since the Unix epoch. */
  readonly timestamp: number;
}

/** Upper bound of what a record takes beside key and value. Bytes. */
export const RECORD_OVERHEAD = 32;

/** @param records at least one */
export async function encodeRecordBatch(
  records: readonly KafkaRecord[],
  compression: 'none' | 'gzip',
): Promise<Uint8Array> {
  const base = records[0]?.timestamp ?? 0;
  const plain = encodeRecords(records, base);
  const content = new Writer(plain.length + 64)
    .int16(compression === 'gzip' ? GZIP : 0)
    .int32(records.length - 1)
    .int64(base)
    .int64(records.reduce((latest, { timestamp }) => Math.max(latest, timestamp), base))
    // Neither idempotent nor transactional: no producer ID, epoch and sequence.
    .int64(-1)
    .int16(-1)
    .int32(-1)
    .int32(records.length)
    .raw(compression === 'gzip' ? await compress(plain) : plain).written;
  return new Writer(content.length + 21)
    .int64(0)
    .int32(content.length + 9)
    .int32(-1)
    .int8(MAGIC)
    .uint32(crc32c(content))
    .raw(content).written;
}

function encodeRecords(records: readonly KafkaRecord[], base: number): Buffer {
  const all = new Writer(records.reduce((sum, { value }) => sum + value.length + 64, 0));
  for (const [offset, { key, value, timestamp }] of records.entries()) {
    const body = new Writer(value.length + 64)
      .int8(0)
      .varint(timestamp - base)
      .varint(offset)
      .varint(key === null ? -1 : key.length)
      .raw(key ?? new Uint8Array())
      .varint(value.length)
      .raw(value)
      // Headers: none.
      .varint(0).written;
    all.varint(body.length).raw(body);
  }
  return all.written;
}
