import fc from 'fast-check';

import type { Column, Samples } from '../../src/history/samples.ts';

const anyFloat = fc.oneof(
  fc.double(),
  fc.constantFrom(0, -0, NaN, Infinity, -Infinity, 0.1, 5e-324, 2 ** 49, -(2 ** 49), 1e300),
  fc.integer({ min: -1e9, max: 1e9 }).map((value) => value / 1e4),
);
const anyInteger = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.integer().map(BigInt),
  fc.integer({ max: 1000 }).map((value) => BigInt(value) * 4096n),
);

const times = (rows: number) =>
  fc
    .uniqueArray(
      fc.oneof(
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        fc.nat(5000).map((s) => BigInt(s) * 1_000_000_000n),
      ),
      { minLength: rows, maxLength: rows },
    )
    .map((all) => BigInt64Array.from(all).sort());

/** Short arrays of anything, or long ones of few values, which take other encodings. */
const values = <T>(one: fc.Arbitrary<T>, rows: number) =>
  fc.oneof(
    fc.array(one, { minLength: rows, maxLength: rows }),
    one.map((value) => new Array<T>(rows).fill(value)),
  );

function column(name: string, rows: number): fc.Arbitrary<Column> {
  const present = fc.option(
    fc
      .array(fc.constantFrom(0, 1), { minLength: rows, maxLength: rows })
      .filter((bits) => bits.includes(1) && bits.includes(0))
      .map((bits) => Uint8Array.from(bits)),
    { nil: undefined },
  );
  return (rows > 1 ? present : fc.constant(undefined)).chain((some) => {
    // Where there is no value, the reader gives zero.
    const kept = <T>(all: readonly T[], none: T) => all.map((value, row) => (some?.[row] === 0 ? none : value));
    return fc.oneof(
      values(anyFloat, rows).map((all): Column => ({
        name,
        kind: 'float',
        values: Float64Array.from(kept(all, 0)),
        present: some,
      })),
      values(anyInteger, rows).map((all): Column => ({
        name,
        kind: 'integer',
        values: BigInt64Array.from(kept(all, 0n)),
        present: some,
      })),
      values(fc.constantFrom(0, 1), rows).map((all): Column => ({
        name,
        kind: 'boolean',
        values: Uint8Array.from(kept(all, 0)),
        present: some,
      })),
      values(fc.string({ unit: 'binary', maxLength: 4 }), rows).map((all): Column => ({
        name,
        kind: 'text',
        values: kept(all, ''),
        present: some,
      })),
    );
  });
}

export const anySamples: fc.Arbitrary<Samples> = fc.integer({ min: 1, max: 60 }).chain((rows) =>
  fc.record({
    times: times(rows),
    columns: fc
      .uniqueArray(fc.string({ maxLength: 8 }), { maxLength: 5 })
      .chain((names) => fc.tuple(...names.map((name) => column(name, rows)))),
  }),
);
