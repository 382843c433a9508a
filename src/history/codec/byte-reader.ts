/** Reads what `ByteWriter` has written. Bytes come from a file that may be damaged: every read is checked. */
import { CorruptBlockError } from './corrupt-block.ts';

const CONTINUED = 0x80;
const MAX_INT32 = 0x7fff_ffff;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Longer texts are rare, and the decoder is faster for them. */
const MAX_ASCII = 40;

/** Most names are short and plain: made of their bytes, they take a fraction of the decoder's time. */
function asciiOf(bytes: Uint8Array): string | undefined {
  if (bytes.length > MAX_ASCII) return undefined;
  let text = '';
  for (const byte of bytes) {
    if (byte >= CONTINUED) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}

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
    const first = this.#bytes[this.#offset];
    if (first === undefined) throw new CorruptBlockError('it ends too early');
    this.#offset += 1;
    return first < CONTINUED ? first : this.#longVarint(first - CONTINUED);
  }

  skipVarint(): void {
    while (this.byte() >= CONTINUED);
  }

  /** What was read since an offset. Shares memory with the input. */
  since(offset: number): Uint8Array {
    return this.#bytes.subarray(offset, this.#offset);
  }

  zigzag(): number {
    const value = this.varint();
    if (value <= MAX_INT32) return (value >>> 1) ^ -(value & 1);
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /**
   * As many calls of `zigzag` as there are values. Most numbers take one byte or two, which are read here: a call for each takes
   * several times as long, and so does a branch that nobody can predict.
   */
  zigzags(values: Float64Array): void {
    const bytes = this.#bytes;
    const last = bytes.length - 1;
    let offset = this.#offset;
    for (let index = 0; index < values.length; index += 1) {
      const first = offset < last ? (bytes[offset] ?? 0) : CONTINUED;
      const second = offset < last ? (bytes[offset + 1] ?? 0) : CONTINUED;
      if ((first & second) >= CONTINUED) {
        this.#offset = offset;
        values[index] = this.zigzag();
        offset = this.#offset;
        continue;
      }
      const more = first >> 7;
      const value = (first & 0x7f) | ((second << 7) & -more);
      values[index] = (value >>> 1) ^ -(value & 1);
      offset += 1 + more;
    }
    this.#offset = offset;
  }

  /** @param value of the first byte */
  #longVarint(value: number): number {
    for (let unit = CONTINUED; ; unit *= CONTINUED) {
      const byte = this.byte();
      value += (byte & (CONTINUED - 1)) * unit;
      if (value > Number.MAX_SAFE_INTEGER) throw new CorruptBlockError('a number is too large');
      if (byte < CONTINUED) return value;
    }
  }

  int64(): bigint {
    return this.#view(8).getBigInt64(0, true);
  }

  float64(): number {
    return this.#view(8).getFloat64(0, true);
  }

  text(): string {
    const bytes = this.bytes(this.varint());
    try {
      return asciiOf(bytes) ?? decoder.decode(bytes);
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
