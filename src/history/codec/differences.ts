/** Whole numbers as varints: as they are, as differences, or as differences of differences; whichever takes fewest bytes. */
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';

/** How often differences are taken. */
export type Order = 0 | 1 | 2;

/** The order that takes fewest bytes before compression; of equal ones the lowest, which deflate compresses best. */
export function bestOrder(values: Float64Array): Order {
  let [zero, one, two] = [0, 0, 0];
  let [last, lastDifference] = [0, 0];
  for (const value of values) {
    const difference = value - last;
    zero += varintBytes(value);
    one += varintBytes(difference);
    two += varintBytes(difference - lastDifference);
    [last, lastDifference] = [value, difference];
  }
  if (zero <= one && zero <= two) return 0;
  return one <= two ? 1 : 2;
}

export function writeDifferences(writer: ByteWriter, values: Float64Array, order: Order): void {
  let [last, lastDifference] = [0, 0];
  for (const value of values) {
    const difference = value - last;
    writer.zigzag(order === 0 ? value : order === 1 ? difference : difference - lastDifference);
    [last, lastDifference] = [value, difference];
  }
}

/** @param values filled here; there are as many as were written */
export function readDifferences(reader: ByteReader, values: Float64Array, order: Order): Float64Array {
  reader.zigzags(values);
  for (let times = 0; times < order; times += 1) {
    let value = 0;
    for (let index = 0; index < values.length; index += 1) values[index] = value += values[index] ?? 0;
  }
  return values;
}

/** Of a zigzag varint. */
function varintBytes(value: number): number {
  const size = value < 0 ? -value : value;
  if (size < 64) return 1;
  if (size < 8192) return 2;
  return size < 1_048_576 ? 3 : Math.ceil((Math.log2(size + 1) + 1) / 7);
}
