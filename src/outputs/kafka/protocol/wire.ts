/** Kafka's primitive types: big-endian integers, and lengths before strings, bytes and arrays (-1 is null). */

export class Writer {
  #bytes: Buffer;
  #at = 0;

  constructor(size = 256) {
    this.#bytes = Buffer.allocUnsafe(size);
  }

  int8(value: number): this {
    this.#at = this.#reserve(1).writeInt8(value, this.#at);
    return this;
  }

  int16(value: number): this {
    this.#at = this.#reserve(2).writeInt16BE(value, this.#at);
    return this;
  }

  int32(value: number): this {
    this.#at = this.#reserve(4).writeInt32BE(value, this.#at);
    return this;
  }

  uint32(value: number): this {
    this.#at = this.#reserve(4).writeUInt32BE(value, this.#at);
    return this;
  }

  /** @param value a safe integer */
  int64(value: number): this {
    this.#at = this.#reserve(8).writeBigInt64BE(BigInt(value), this.#at);
    return this;
  }

  /** Zigzag, seven bits a byte; for 32 and 64 bits alike. @param value at most 2^52 in size */
  varint(value: number): this {
    let rest = value < 0 ? -2 * value - 1 : 2 * value;
    const bytes = this.#reserve(10);
    while (rest > 0x7f) {
      bytes[this.#at] = (rest % 0x80) | 0x80;
      this.#at += 1;
      rest = Math.floor(rest / 0x80);
    }
    bytes[this.#at] = rest;
    this.#at += 1;
    return this;
  }

  raw(bytes: Uint8Array): this {
    this.#reserve(bytes.length).set(bytes, this.#at);
    this.#at += bytes.length;
    return this;
  }

  string(text: string | null): this {
    if (text === null) return this.int16(-1);
    const bytes = Buffer.from(text);
    return this.int16(bytes.length).raw(bytes);
  }

  bytes(bytes: Uint8Array): this {
    return this.int32(bytes.length).raw(bytes);
  }

  array<T>(items: readonly T[], write: (item: T) => void): this {
    this.int32(items.length);
    for (const item of items) write(item);
    return this;
  }

  /** Valid until the next write. */
  get written(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  /** Makes room. */
  #reserve(length: number): Buffer {
    if (this.#at + length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.#at + length));
      this.#bytes.copy(larger, 0, 0, this.#at);
      this.#bytes = larger;
    }
    return this.#bytes;
  }
}

/** Reads an answer. All methods throw a RangeError beyond its end. */
export class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  int8(): number {
    return this.#take(1).readInt8();
  }

  int16(): number {
    return this.#take(2).readInt16BE();
  }

  int32(): number {
    return this.#take(4).readInt32BE();
  }

  int64(): bigint {
    return this.#take(8).readBigInt64BE();
  }

  /** Null is the empty string. */
  string(): string {
    return this.#take(Math.max(0, this.int16())).toString();
  }

  bytes(): Buffer {
    return this.#take(Math.max(0, this.int32()));
  }

  /** No item is without bytes, so a count beyond what is left is a lie. */
  array<T>(read: (reader: this) => T): readonly T[] {
    const count = this.int32();
    if (count > this.#bytes.length - this.#at) throw new RangeError('the answer ends early');
    return Array.from({ length: Math.max(0, count) }, () => read(this));
  }

  #take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError('the answer ends early');
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}
