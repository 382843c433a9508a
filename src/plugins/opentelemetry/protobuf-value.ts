import type { ProtobufReader } from '../../plugin/index.ts';

import type { Kind, Values } from './message.ts';

type ProtobufValues = { readonly [K in Kind]: (reader: ProtobufReader) => Values[K] };

/** The value of the field that the reader has found. */
export const PROTOBUF_VALUES: ProtobufValues = {
  text: (reader) => reader.text(),
  bool: (reader) => reader.int64() !== 0n,
  double: (reader) => reader.double(),
  int: (reader) => reader.int64(),
  fixed64: (reader) => reader.fixed64(),
  sfixed64: (reader) => BigInt.asIntN(64, reader.fixed64()),
  id: (reader) => reader.bytes().toString('hex'),
  blob: (reader) => reader.bytes().toString('base64'),
  message: (reader) => reader.bytes(),
};

interface Packed {
  /** Bytes of an item. */
  readonly size: number;
  read(bytes: Buffer, at: number): unknown;
}

/** Kinds whose lists may come as one field. */
export const PACKED: Partial<Record<Kind, Packed>> = {
  double: { size: 8, read: (bytes, at) => bytes.readDoubleLE(at) },
  fixed64: { size: 8, read: (bytes, at) => bytes.readBigUInt64LE(at) },
};
