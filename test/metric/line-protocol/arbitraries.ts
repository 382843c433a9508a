import fc from 'fast-check';

import type { FieldValue, Metric } from '../../../src/metric/metric.ts';

/** Texts of characters that line protocol escapes, mixed with others. `x` keeps them from becoming empty. */
const anyText = fc
  .array(
    fc.oneof(fc.constantFrom(...Array.from(',= "\\\n\r\t\v\f#i:/')), fc.string({ unit: 'binary', maxLength: 3 })),
    {
      maxLength: 6,
    },
  )
  .map((parts) => `x${parts.join('')}`);

const anyValue: fc.Arbitrary<FieldValue> = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer().map((value) => value / 1e4),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  anyText,
  fc.boolean(),
);

/** Metrics that a line can represent, some only in normal form: see `normalForm`. */
export const anyMetric: fc.Arbitrary<Metric> = fc.record({
  name: anyText,
  tags: fc.dictionary(anyText, fc.oneof(anyText, fc.constantFrom('', '\\', 'C:\\')), {
    maxKeys: 5,
    noNullPrototype: true,
  }),
  fields: fc.dictionary(anyText, anyValue, { minKeys: 1, maxKeys: 8, noNullPrototype: true }),
  time: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
});

/** The metric that a line represents, computed independently of the encoder: rules S2 to S5 of Telegraf's serializer. */
export function normalForm({ name, tags, fields, time }: Metric): Metric {
  const token = (text: string) =>
    text
      .replace(/\\+$/, '')
      .replace(/[\t\n\v\f\r]/g, (character) => JSON.stringify(character).slice(1, -1).replace('u000b', 'v'));
  const entries = Object.entries(tags)
    .map(([key, value]) => [token(key), token(value)] as const)
    .filter(([, value]) => value !== '');
  return {
    name: token(name),
    tags: Object.fromEntries(entries),
    fields: Object.fromEntries(Object.entries(fields).map(([key, value]) => [token(key), value])),
    time,
  };
}
