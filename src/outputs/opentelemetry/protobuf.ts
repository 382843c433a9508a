/**
 * The protobuf encoding of OTLP, from the objects of its JSON encoding:
 * https://github.com/open-telemetry/opentelemetry-proto/tree/main/opentelemetry/proto
 */
import { ProtobufWriter } from '../../plugin/index.ts';

type Scalar = 'string' | 'bool' | 'enum' | 'int64' | 'fixed64' | 'double';

/** Field → its number and type. Arrays are repeated fields. */
interface Message {
  readonly [field: string]: readonly [number: number, type: Scalar | Message];
}

const ANY_VALUE: Message = {
  stringValue: [1, 'string'],
  boolValue: [2, 'bool'],
  intValue: [3, 'int64'],
  doubleValue: [4, 'double'],
};
const KEY_VALUE: Message = { key: [1, 'string'], value: [2, ANY_VALUE] };
const RESOURCE: Message = { attributes: [1, KEY_VALUE] };
const SCOPE: Message = { name: [1, 'string'] };

const DATA_POINT: Message = {
  timeUnixNano: [3, 'fixed64'],
  asDouble: [4, 'double'],
  // sfixed64, which has the same bytes.
  asInt: [6, 'fixed64'],
  attributes: [7, KEY_VALUE],
};
const METRIC: Message = {
  name: [1, 'string'],
  description: [2, 'string'],
  unit: [3, 'string'],
  gauge: [5, { dataPoints: [1, DATA_POINT] }],
  sum: [7, { dataPoints: [1, DATA_POINT], aggregationTemporality: [2, 'enum'], isMonotonic: [3, 'bool'] }],
};
const LOG_RECORD: Message = {
  timeUnixNano: [1, 'fixed64'],
  severityNumber: [2, 'enum'],
  severityText: [3, 'string'],
  body: [5, ANY_VALUE],
  attributes: [6, KEY_VALUE],
  observedTimeUnixNano: [11, 'fixed64'],
};

/** ExportMetricsServiceRequest and ExportLogsServiceRequest, whose only fields have different names. */
const REQUEST: Message = {
  resourceMetrics: [1, { resource: [1, RESOURCE], scopeMetrics: [2, { scope: [1, SCOPE], metrics: [2, METRIC] }] }],
  resourceLogs: [1, { resource: [1, RESOURCE], scopeLogs: [2, { scope: [1, SCOPE], logRecords: [2, LOG_RECORD] }] }],
};

const [VARINT, BITS_64] = [0, 1];

/** @throws Error for a field that the table lacks */
export function protobufOf(request: object): Buffer {
  return encode(request, REQUEST);
}

function encode(value: object, message: Message): Buffer {
  const writer = new ProtobufWriter(1024);
  for (const [name, content] of Object.entries(value) as [string, unknown][]) {
    const [number, type] = message[name] ?? [];
    if (number === undefined || type === undefined) throw new Error(`OTLP has no field ${name} here`);
    for (const each of Array.isArray(content) ? (content as unknown[]) : [content]) write(writer, number, type, each);
  }
  return writer.take();
}

function write(writer: ProtobufWriter, number: number, type: Scalar | Message, value: unknown): void {
  if (typeof type === 'object') {
    writer.field(number, encode(value as object, type));
    return;
  }
  if (type === 'string') {
    writer.field(number, Buffer.from(String(value)));
    return;
  }
  writer.varint((number << 3) | (type === 'fixed64' || type === 'double' ? BITS_64 : VARINT));
  if (type === 'double') writer.double(Number(value));
  else if (type === 'fixed64') writer.bytes(fixed64(String(value)));
  else if (type === 'int64') writer.int64(BigInt(String(value)));
  else writer.varint(Number(value));
}

function fixed64(decimal: string): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(decimal)));
  return bytes;
}
