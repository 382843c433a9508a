import { LineBatch } from '../../../src/metric/batch.ts';
import type { Batch } from '../../../src/plugin/index.ts';

/** A batch as an output gets it. */
export function testBatch(lines: readonly string[]): Batch {
  return new LineBatch(Buffer.from(lines.map((line) => `${line}\n`).join('')), lines.length);
}
