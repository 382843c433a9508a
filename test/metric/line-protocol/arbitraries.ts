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

const SHOWN = new Map(
  Array.from({ length: 0x80 }, (_, code) => code)
    .filter((code) => code < 0x20 || code === 0x7f)
    .map((code) => {
      const letter = 'tnvfr'[[9, 10, 11, 12, 13].indexOf(code)];
      return [String.fromCharCode(code), `\\${letter ?? `x${`0${code.toString(16)}`.slice(-2)}`}`] as const;
    }),
);

/** The metric that a line represents, computed independently of the encoder: rules S2 to S5 of Telegraf's serializer. */
export function normalForm({ name, tags, fields, time }: Metric): Metric {
  const token = (text: string) =>
    Array.from(text.replace(/\\+$/, ''))
      .map((character) => SHOWN.get(character) ?? character)
      .join('');
  /** Names as they are come first, and the others take what is free. */
  const rename = <T>(entries: readonly (readonly [string, T])[]) => {
    const isNormal = ([key]: readonly [string, T]) => token(key) === key;
    const names = new Map(entries.filter(isNormal).map(([key]) => [key, key]));
    for (const [key] of entries.filter((entry) => !isNormal(entry))) {
      let free = token(key);
      while ([...names.values()].includes(free)) free = `${free}_`;
      names.set(key, free);
    }
    return Object.fromEntries(entries.map(([key, value]) => [names.get(key) ?? '', value]));
  };
  const kept = Object.entries(tags)
    .map(([key, value]) => [key, token(value)] as const)
    .filter(([, value]) => value !== '');
  return {
    name: token(name),
    tags: rename(kept),
    fields: rename(Object.entries(fields)),
    time,
  };
}
