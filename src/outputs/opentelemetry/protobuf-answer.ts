/** Reads the protobuf answers of OTLP: `ExportMetricsServiceResponse` and its kin, and `google.rpc.Status`. */

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

/** @returns undefined for anything but whole varints and length-delimited fields */
function fieldsOf(bytes: Buffer): Fields | undefined {
  const found = new Map<number, bigint | Buffer>();
  let at = 0;
  const varint = (): bigint | undefined => {
    let value = 0n;
    for (let shift = 0n; shift < 70n && at < bytes.length; shift += 7n) {
      const byte = bytes[at++] ?? 0;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
    return undefined;
  };
  while (at < bytes.length) {
    const tag = varint();
    const value = varint();
    if (tag === undefined || value === undefined) return undefined;
    const number = Number(tag >> 3n);
    if ((tag & 7n) === 0n) {
      found.set(number, value);
      continue;
    }
    const end = at + Number(value);
    if ((tag & 7n) !== 2n || end > bytes.length) return undefined;
    found.set(number, bytes.subarray(at, end));
    at = end;
  }
  return found;
}
