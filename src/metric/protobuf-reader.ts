/** Reads Protocol Buffers without a schema: https://protobuf.dev/programming-guides/encoding/ */

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;

const MAX_VARINT_BYTES = 10;

/**
 * Reads the fields of one message in their order: `next`, then one of the values, or `skip`.
 *
 * Every method throws an Error that says where, if the bytes are not what they should be. Takes no memory beyond what it returns.
 */
export class ProtobufReader {
  /** Number of the field that `next` found. */
  field = 0;
  readonly #bytes: Buffer;
  readonly #view: DataView;
  #wire = VARINT;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** @returns whether there is a field */
  next(): boolean {
    if (this.#at >= this.#bytes.length) return false;
    const tag = this.#varint();
    this.#wire = Number(tag & 7n);
    this.field = Number(tag >> 3n);
    return true;
  }

  /** The kind of value that `next` found. */
  get isVarint(): boolean {
    return this.#wire === VARINT;
  }

  get isDelimited(): boolean {
    return this.#wire === DELIMITED;
  }

  /** `int64`, `int32`, `bool` or an enum; not the zigzag types. */
  int64(): bigint {
    this.#expect(VARINT);
    return BigInt.asIntN(64, this.#varint());
  }

  fixed64(): bigint {
    this.#expect(FIXED64);
    return this.#view.getBigUint64(this.#take(8), true);
  }

  double(): number {
    this.#expect(FIXED64);
    return this.#view.getFloat64(this.#take(8), true);
  }

  /** A nested message, or the bytes of a field; a view. */
  bytes(): Buffer {
    this.#expect(DELIMITED);
    const length = Number(this.#varint());
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  text(): string {
    return this.bytes().toString();
  }

  skip(): void {
    switch (this.#wire) {
      case VARINT:
        this.#varint();
        break;
      case FIXED64:
        this.#take(8);
        break;
      case DELIMITED:
        this.bytes();
        break;
      case FIXED32:
        this.#take(4);
        break;
      default:
        throw this.#error(`wire type ${this.#wire}`);
    }
  }

  #expect(wire: number): void {
    if (this.#wire !== wire) throw this.#error(`wire type ${this.#wire} of field ${this.field}`);
  }

  #varint(): bigint {
    let small = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte();
      small |= (byte & 127) << shift;
      if (byte < 128) return BigInt(small);
    }
    let value = BigInt(small);
    for (let index = 4; index < MAX_VARINT_BYTES; index += 1) {
      const byte = this.#byte();
      value |= BigInt(byte & 127) << BigInt(7 * index);
      if (byte < 128) return BigInt.asUintN(64, value);
    }
    throw this.#error('a varint of more than ten bytes');
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw this.#error('the end of the message');
    this.#at += 1;
    return byte;
  }

  /** @returns where the bytes begin */
  #take(length: number): number {
    if (length > this.#bytes.length - this.#at) throw this.#error('the end of the message');
    const start = this.#at;
    this.#at += length;
    return start;
  }

  #error(what: string): Error {
    return new Error(`not valid protobuf: unexpected ${what} at byte ${this.#at}`);
  }
}
