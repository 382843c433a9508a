/** Whole numbers as varints: as they are, as differences, or as differences of differences; whichever takes fewest bytes. */
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';

/** How often differences are taken. */
export type Order = 0 | 1 | 2;

const ORDERS: readonly Order[] = [0, 1, 2];

/** The order that takes fewest bytes before compression; of equal ones the lowest, which deflate compresses best. */
export function bestOrder(values: Float64Array): Order {
  const sizes = [0, 0, 0];
  let [last, lastDifference] = [0, 0];
  for (const value of values) {
    const difference = value - last;
    for (const [order, each] of [value, difference, difference - lastDifference].entries()) {
      sizes[order] = (sizes[order] ?? 0) + varintBytes(each);
    }
    [last, lastDifference] = [value, difference];
  }
  return ORDERS.reduce((best, order) => ((sizes[order] ?? 0) < (sizes[best] ?? 0) ? order : best));
}

export function writeDifferences(writer: ByteWriter, values: Float64Array, order: Order): void {
  let [last, lastDifference] = [0, 0];
  for (const value of values) {
    const difference = value - last;
    writer.zigzag(order === 0 ? value : order === 1 ? difference : difference - lastDifference);
    [last, lastDifference] = [value, difference];
  }
}

export function readDifferences(reader: ByteReader, count: number, order: Order): Float64Array {
  const values = new Float64Array(count);
  let [value, difference] = [0, 0];
  for (let index = 0; index < count; index += 1) {
    const written = reader.zigzag();
    difference = order === 2 ? difference + written : written;
    value = order === 0 ? written : value + difference;
    values[index] = value;
  }
  return values;
}

function varintBytes(value: number): number {
  const size = Math.abs(value);
  if (size < 64) return 1;
  return Math.ceil((Math.log2(size + 1) + 1) / 7);
}
