/** Appends numbers and texts to a growing buffer, in the formats that `ByteReader` reads. */
const INITIAL_BYTES = 256;
/** A larger buffer is not kept by `clear`. */
const MOST_KEPT_BYTES = 256 * 1024;
const CONTINUED = 0x80;

const encoder = new TextEncoder();

export class ByteWriter {
  #bytes = new Uint8Array(INITIAL_BYTES);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Begins again. A writer that is kept costs less than one for each of many small columns. */
  clear(): this {
    if (this.#bytes.length > MOST_KEPT_BYTES) this.#bytes = new Uint8Array(INITIAL_BYTES);
    this.#length = 0;
    return this;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  bytes(values: Uint8Array): void {
    this.#reserve(values.length);
    this.#bytes.set(values, this.#length);
    this.#length += values.length;
  }

  /** LEB128. @param value a whole number from 0 to 2^53 − 1 */
  varint(value: number): void {
    let rest = value;
    for (; rest >= CONTINUED; rest = Math.floor(rest / CONTINUED)) this.byte((rest % CONTINUED) | CONTINUED);
    this.byte(rest);
  }

  /** A signed varint: 0, −1, 1, −2, … are 0, 1, 2, 3, … @param value a whole number from −2^52 to 2^52 − 1 */
  zigzag(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** A signed 64-bit integer, 8 bytes, little-endian. */
  int64(value: bigint): void {
    this.#reserve(8);
    new DataView(this.#bytes.buffer).setBigInt64(this.#length, value, true);
    this.#length += 8;
  }

  /** IEEE 754 double, 8 bytes, little-endian. */
  float64(value: number): void {
    this.#reserve(8);
    new DataView(this.#bytes.buffer).setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  /** UTF-8 after its length in bytes. */
  text(value: string): void {
    const bytes = encoder.encode(value);
    this.varint(bytes.length);
    this.bytes(bytes);
  }

  /** @returns a copy */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#length + more, this.#bytes.length * 2));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}
