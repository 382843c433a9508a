/** Reads the protobuf answers of OTLP: `ExportMetricsServiceResponse` and its kin, and `google.rpc.Status`. */

import { ProtobufReader } from '../../plugin/index.ts';

/** Field number → its last value: a varint, or the bytes of a string or message. */
type Fields = ReadonlyMap<number, bigint | Buffer>;

/**
 * Either of the two messages, in the form of the JSON encoding. `rejected_data_points` and `rejected_log_records` have the same
 * number.
 *
 * @param isSuccess whether the status was 2xx, since the messages do not say what they are
 * @returns undefined if the bytes are no such message
 */
export function protobufAnswer(bytes: Buffer, isSuccess: boolean): object | undefined {
  const fields = fieldsOf(bytes);
  if (fields === undefined) return undefined;
  if (!isSuccess) return { message: textOf(fields.get(2)) };
  const partial = fields.get(1);
  if (!Buffer.isBuffer(partial)) return {};
  const inner = fieldsOf(partial);
  const rejected = inner?.get(1);
  return {
    partialSuccess: {
      rejectedDataPoints: typeof rejected === 'bigint' ? Number(rejected) : 0,
      errorMessage: textOf(inner?.get(2)),
    },
  };
}

function textOf(value: bigint | Buffer | undefined): string {
  return Buffer.isBuffer(value) ? value.toString() : '';
}

/** @returns undefined for bytes that are no message */
function fieldsOf(bytes: Buffer): Fields | undefined {
  const found = new Map<number, bigint | Buffer>();
  try {
    for (const reader = new ProtobufReader(bytes); reader.next();) {
      if (reader.isVarint) found.set(reader.field, reader.int64());
      else if (reader.isDelimited) found.set(reader.field, reader.bytes());
      else reader.skip();
    }
  } catch {
    return undefined;
  }
  return found;
}
