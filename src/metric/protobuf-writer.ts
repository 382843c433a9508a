/** The subset of Protocol Buffers that remote write 1.0 and OTLP need: https://protobuf.dev/programming-guides/encoding/ */

const FIRST_SIZE = 256 * 1024;
const VARINT_BASE = 128;
/** A varint of 64 bits. */
const MAX_VARINT_BYTES = 10;

/** Appends to one reusable buffer. */
export class ProtobufWriter {
  #bytes: Buffer;
  #view: DataView;
  #at = 0;

  /** @param firstSize of the buffer, which grows. Bytes. */
  constructor(firstSize = FIRST_SIZE) {
    this.#bytes = Buffer.allocUnsafe(firstSize);
    this.#view = viewOf(this.#bytes);
  }

  /** Returns the written bytes and resets the writer. They are valid until the next call of any method. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#at);
    this.#at = 0;
    return taken;
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  /** @param value a non-negative integer */
  varint(value: number): void {
    this.#reserve(MAX_VARINT_BYTES);
    let rest = value;
    while (rest >= VARINT_BASE) {
      this.#bytes[this.#at++] = (rest % VARINT_BASE) | VARINT_BASE;
      rest = Math.floor(rest / VARINT_BASE);
    }
    this.#bytes[this.#at++] = rest;
  }

  /** Negative values take ten bytes, in two's complement. */
  int64(value: number | bigint): void {
    if (typeof value === 'number' && value >= 0) {
      this.varint(value);
      return;
    }
    this.#reserve(MAX_VARINT_BYTES);
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest >= BigInt(VARINT_BASE); rest >>= 7n) this.#bytes[this.#at++] = Number(rest & 127n) | VARINT_BASE;
    this.#bytes[this.#at++] = Number(rest);
  }

  double(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  /** A length-delimited field: tag, length and bytes. */
  field(number: number, value: Uint8Array): void {
    this.varint(tagOf(number));
    this.varint(value.length);
    this.bytes(value);
  }

  #reserve(size: number): void {
    if (this.#at + size <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(2 * Math.max(this.#bytes.length, size));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
    this.#view = viewOf(larger);
  }
}

/** Tag of a length-delimited field (wire type 2). */
export function tagOf(field: number): number {
  return (field << 3) | 2;
}

/** Size of an int64 as a varint. Bytes. */
export function varintSize(value: number): number {
  if (value < 0) return MAX_VARINT_BYTES;
  let size = 1;
  for (let rest = value; rest >= VARINT_BASE; rest = Math.floor(rest / VARINT_BASE)) size += 1;
  return size;
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
