/** Reads what `ByteWriter` has written. Bytes come from a file that may be damaged: every read is checked. */
import { CorruptBlockError } from './corrupt-block.ts';

const CONTINUED = 0x80;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** All methods throw CorruptBlockError at the end of the bytes, or for a value out of range. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get offset(): number {
    return this.#offset;
  }

  byte(): number {
    const value = this.#bytes[this.#offset];
    if (value === undefined) throw new CorruptBlockError('it ends too early');
    this.#offset += 1;
    return value;
  }

  /** Shares memory with the input. */
  bytes(length: number): Uint8Array {
    const end = this.#offset + length;
    if (end > this.#bytes.length) throw new CorruptBlockError('it ends too early');
    const values = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return values;
  }

  varint(): number {
    let value = 0;
    for (let unit = 1; ; unit *= CONTINUED) {
      const byte = this.byte();
      value += (byte % CONTINUED) * unit;
      if (value > Number.MAX_SAFE_INTEGER) throw new CorruptBlockError('a number is too large');
      if (byte < CONTINUED) return value;
    }
  }

  zigzag(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  int64(): bigint {
    return this.#view(8).getBigInt64(0, true);
  }

  float64(): number {
    return this.#view(8).getFloat64(0, true);
  }

  text(): string {
    try {
      return decoder.decode(this.bytes(this.varint()));
    } catch (cause) {
      if (cause instanceof CorruptBlockError) throw cause;
      throw new CorruptBlockError('a text is not UTF-8', { cause });
    }
  }

  #view(length: number): DataView {
    const { buffer, byteOffset } = this.bytes(length);
    return new DataView(buffer, byteOffset, length);
  }
}
