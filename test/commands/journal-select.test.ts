import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { inBatches } from '../../src/commands/journal/batches.ts';
import { namesFilter, selectLines } from '../../src/commands/select.ts';
import type { TimeSpan } from '../../src/commands/time.ts';
import type { LineGroup } from '../../src/journal/inspect.ts';

const EVERYTHING: TimeSpan = { from: undefined, to: undefined };

function group(lines: readonly string[]): LineGroup {
  return { lines: Buffer.from(lines.map((line) => `${line}\n`).join('')), size: lines.length };
}

async function* stream<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  for (const item of items) yield await Promise.resolve(item);
}

async function selected(groups: readonly (readonly string[])[], span: TimeSpan, only?: string) {
  const texts: string[] = [];
  let size = 0;
  for await (const each of selectLines(stream(groups.map(group)), { span, filter: namesFilter(only) })) {
    texts.push(Buffer.from(each.lines).toString());
    size += each.size;
  }
  return { text: texts.join(''), size };
}

test('selects lines by their own time: start inclusive, end exclusive', async () => {
  const lines = ['a v=1 99', 'a v=2 100', 'a v=3 150', 'a v=4 199', 'a v=5 200', 'a v=6 120'];
  expect(await selected([lines], { from: 100n, to: 200n })).toEqual({
    text: 'a v=2 100\na v=3 150\na v=4 199\na v=6 120\n',
    size: 4,
  });
  expect((await selected([lines], { from: undefined, to: 100n })).text).toBe('a v=1 99\n');
  expect((await selected([lines], { from: 199n, to: undefined })).text).toBe('a v=4 199\na v=5 200\n');
});

test('times are compared to the nanosecond', async () => {
  const lines = ['a v=1 1769846400123456788', 'a v=2 1769846400123456789', 'a v=3 -5'];
  const { text } = await selected([lines], { from: 1769846400123456789n, to: undefined });
  expect(text).toBe('a v=2 1769846400123456789\n');
  expect((await selected([lines], { from: undefined, to: 0n })).text).toBe('a v=3 -5\n');
});

test('newlines, blanks and digits inside a string end neither line nor field', async () => {
  const lines = ['log,host=a text="first\nx v=1 150\nlast 150",n=1 50', 'log,host=a text="say \\"150\\"\n" 150'];
  expect(await selected([lines], { from: 100n, to: 200n })).toEqual({ text: `${lines[1] ?? ''}\n`, size: 1 });
  expect(await selected([lines], { from: 0n, to: 100n })).toEqual({ text: `${lines[0] ?? ''}\n`, size: 1 });
});

test('--only takes globs of measurements; braces may contain commas', async () => {
  const lines = ['cpu,host=a v=1 1', 'disk v=2 1', 'diskio v=3 1', 'mem v=4 1'];
  const measurements = async (only: string) =>
    (await selected([lines], EVERYTHING, only)).text.split('\n').flatMap((line) => line.split(/[ ,]/)[0] || []);
  expect(await measurements('cpu')).toEqual(['cpu']);
  expect(await measurements('disk*, mem')).toEqual(['disk', 'diskio', 'mem']);
  expect(await measurements('{cpu,mem},diskio')).toEqual(['cpu', 'diskio', 'mem']);
  expect(await measurements('nothing')).toEqual([]);
});

test('a line must match both time and measurement', async () => {
  const lines = ['cpu v=1 100', 'mem v=2 100', 'cpu v=3 200', 'mem v=4 200'];
  expect((await selected([lines], { from: 150n, to: undefined }, 'mem')).text).toBe('mem v=4 200\n');
});

test('selects exactly the lines of the span, in order, for any lines and any span', async () => {
  const time = fc.integer({ min: 0, max: 20 });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(time, { maxLength: 8 })), time, time, async (times, from, to) => {
      const groups = times.map((each, group) => each.map((at, index) => `m,g=${group} i=${index}i ${at}`));
      const expected = groups.flatMap((lines, g) =>
        lines.filter((_, i) => times[g]![i]! >= from && times[g]![i]! < to),
      );
      const { text, size } = await selected(groups, { from: BigInt(from), to: BigInt(to) });
      expect(text).toBe(expected.map((line) => `${line}\n`).join(''));
      expect(size).toBe(expected.length);
    }),
  );
});

test('batches respect both limits, lose no line and split none', async () => {
  const line = fc.integer({ min: 1, max: 30 }).map((length) => `m s="${'\n'.repeat(length)}" 1`);
  const limit = fc.integer({ min: 1, max: 60 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(line, { minLength: 1, maxLength: 9 })),
      limit,
      limit,
      async (all, lines, bytes) => {
        const texts: string[] = [];
        for await (const batch of inBatches(stream(all.map(group)), { lines, bytes })) {
          expect(batch.size).toBeLessThanOrEqual(lines);
          if (batch.size > 1) expect(batch.lines.length).toBeLessThanOrEqual(bytes);
          expect([...batch.texts()]).toHaveLength(batch.size);
          texts.push(...batch.texts());
        }
        expect(texts).toEqual(all.flat());
      },
    ),
  );
});

test.each([
  ['lines', { lines: 50, bytes: 1e6 }],
  ['bytes', { lines: 1e6, bytes: 50 * 8 + 7 }],
])('batches are filled up to the limit of %s, regardless of the groups', async (_, limits) => {
  const groups = [1, 70, 9, 120].map((size) => group(Array.from({ length: size }, () => 'm v=1 1')));
  const sizes: number[] = [];
  for await (const { size } of inBatches(groups, limits)) sizes.push(size);
  expect(sizes).toEqual([50, 50, 50, 50]);
});
