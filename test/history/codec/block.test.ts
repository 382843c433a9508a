import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { Block, encodeBlock, MAX_ROWS } from '../../../src/history/codec/block.ts';
import { CorruptBlockError } from '../../../src/history/codec/corrupt-block.ts';
import type { Column, Samples } from '../../../src/history/samples.ts';
import { summarize } from '../../../src/history/summary.ts';
import { anySamples } from '../arbitraries.ts';

const hour = (values: Column['values'], kind: Column['kind']): Samples => ({
  times: BigInt64Array.from(
    { length: values.length },
    (_, row) => 1_800_000_000_000_000_000n + BigInt(row) * 10_000_000_000n,
  ),
  columns: [{ name: 'field', kind, values } as Column],
});
const floats = (make: (row: number) => number) =>
  hour(
    Float64Array.from({ length: 360 }, (_, row) => make(row)),
    'float',
  );
const bodyOf = (samples: Samples) => new Block(encodeBlock(samples)).columns[0]!;

describe('a block', () => {
  test('gives back the samples that were encoded, bit by bit', () => {
    fc.assert(
      fc.property(anySamples, (samples) => {
        const block = new Block(encodeBlock(samples));
        expect(block.samples()).toEqual(samples);
        expect([block.rows, block.firstTime, block.lastTime]).toEqual([
          samples.times.length,
          samples.times[0],
          samples.times.at(-1),
        ]);
      }),
      { numRuns: 500 },
    );
  });

  test('has in its header what its values add up to', () => {
    fc.assert(
      fc.property(anySamples, (samples) => {
        const block = new Block(encodeBlock(samples));
        for (const [index, column] of block.columns.entries()) {
          if (column.kind === 'text') continue;
          const { kind, values, present } = samples.columns[index]!;
          const numbers = Float64Array.from(
            Array.from<number | bigint | string, number>(values, Number).filter((_, row) => present?.[row] !== 0),
          );
          expect(block.numbers(column).values).toEqual(numbers);
          // Of integers the sum is of whole numbers, which a double may round.
          expect(column.summary()).toEqual(summarize(numbers, kind === 'float' ? undefined : 0));
        }
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['constant', 3, floats(() => 12.5)],
    ['constant beyond 2^53', 3, hour(new BigInt64Array(360).fill(2n ** 62n + 1n), 'integer')],
    ['plain', 0, floats((row) => (row % 2 === 0 ? 1 : -1))],
    ['differences', 1, floats((row) => Math.round(500 * Math.sin(row / 9)))],
    ['differences of differences', 2, floats((row) => row * 100_000 + (row % 3))],
    ['XOR planes', 4, floats((row) => Math.sin(row))],
    [
      'dictionary',
      5,
      hour(
        Array.from({ length: 360 }, (_, row) => ['up', 'down'][row % 2]!),
        'text',
      ),
    ],
  ])('encodes %s', (_, encoding, samples) => {
    const column = bodyOf(samples);
    expect(column.encoding).toBe(encoding);
    expect(new Block(encodeBlock(samples)).samples()).toEqual(samples);
  });

  test('takes the decimal sum of decimals', () => {
    expect(bodyOf(hour(Float64Array.of(0.1, 0.2), 'float')).summary()?.sum).toBe(0.3);
  });

  test('of a gauge with four decimals takes less than two bytes a value', () => {
    let [value, seed] = [50, 1];
    const gauge = floats(() => {
      seed = (seed * 16_807) % 2_147_483_647;
      value += seed / 2_147_483_647 - 0.5;
      return Math.round(value * 1e4) / 1e4;
    });
    expect(bodyOf(gauge).body.length / 360).toBeLessThan(2);
  });

  test('needs rows, and not too many', () => {
    expect(() => encodeBlock({ times: new BigInt64Array(0), columns: [] })).toThrow(RangeError);
    expect(() => encodeBlock({ times: new BigInt64Array(MAX_ROWS + 1), columns: [] })).toThrow(RangeError);
  });

  test('with any byte changed, or cut anywhere, is a CorruptBlockError', () => {
    fc.assert(
      fc.property(anySamples, fc.nat(), fc.integer({ min: 1, max: 255 }), fc.boolean(), (samples, at, by, isCut) => {
        const bytes = Uint8Array.from(encodeBlock(samples));
        const place = at % bytes.length;
        bytes[place]! ^= by;
        expect(() => new Block(isCut ? bytes.subarray(0, place) : bytes).samples()).toThrow(CorruptBlockError);
      }),
    );
  });
});
