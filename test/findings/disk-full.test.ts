import { expect, test } from '@jest/globals';

import { finding as schema } from '../../src/api/host.ts';
import { diskFullCheck, diskWillBeFull } from '../../src/findings/checks/disk-full.ts';
import { countFalls, type Point } from '../../src/findings/slope.ts';
import type { HistoryAccess } from '../../src/history/access.ts';

const HOUR = 3_600_000;
const NOW = 1_700_000_000_000;

/** A point every five minutes. @param level percent at so many hours */
function points(hours: number, level: (hour: number) => number, step = 1 / 12): readonly Point[] {
  const count = Math.round(hours / step);
  return Array.from({ length: count }, (_, index) => ({
    at: NOW + index * step * HOUR,
    value: level(index * step),
  }));
}

/** Without chance: a few percent of noise that repeats. */
function noise(hour: number, size: number): number {
  return size * Math.sin(hour * 40) * Math.cos(hour * 17);
}

function sentence(pace: readonly Point[], days: readonly Point[] = []): string | undefined {
  const found = diskWillBeFull('/var', pace, days);
  if (found === undefined) return undefined;
  expect(schema.parse(found)).toEqual(found);
  return found.sentence.map((part) => (typeof part === 'string' ? part : `**${part.name}**`)).join('');
}

test.each([
  [
    'steady growth',
    points(6, (hour) => 76 + hour + noise(hour, 0.2)),
    '**/var** will be full in about 18 h, at the pace of the last 6 h.',
  ],
  ['growth in small steps', points(6, (hour) => 80 + Math.floor(hour * 2)), /full in about [45] h/],
  ['growth with an outlier', points(6, (hour) => (hour > 3.01 && hour < 3.1 ? 99 : 76 + hour)), /full in about 18 h/],
  ['only three hours of it', points(3, (hour) => 90 + hour), /full in about 7 h, at the pace of the last 3 h/],
  ['slow growth', points(6, (hour) => 75 + hour / 10), undefined],
  ['a low level', points(6, (hour) => 40 + hour * 4), undefined],
  ['a level that stays', points(6, () => 96), undefined],
  ['noise only', points(6, (hour) => 92 + noise(hour, 2)), undefined],
  ['one hour of data', points(1, (hour) => 80 + hour * 10), undefined],
  ['no data', [], undefined],
])('%s', (_, pace, expected) => {
  if (expected === undefined) expect(sentence(pace)).toBeUndefined();
  else expect(sentence(pace)).toMatch(expected);
});

test.each([1, 2, 3, 5])('a nightly job that writes once, %i h ago, fools nobody', (ago) => {
  const job = (hour: number) => 72 + 15 * Math.min(1, Math.max(0, (hour - (6 - ago)) / 0.75));
  expect(sentence(points(6, job))).toBeUndefined();
});

test.each([0.5, 1, 1.5, 2, 2.5, 3, 4, 5])('a sawtooth of %f h fools nobody', (period) => {
  for (const phase of [0, 0.3, 0.6, 0.9]) {
    const tooth = (hour: number) => 75 + 15 * ((hour / period + phase) % 1);
    const found = sentence(
      points(6, tooth),
      points(78, (hour) => tooth(hour - 72), 1),
    );
    expect({ phase, found }).toEqual({ phase, found: undefined });
  }
});

test('a level that is cleaned every night is no forecast; one clean-up in three days is', () => {
  const pace = points(6, (hour) => 80 + hour);
  const nightly = points(72, (hour) => 62 + (hour % 24), 1);
  const once = points(72, (hour) => (hour < 30 ? 90 : 62 + (hour - 30) / 2), 1);
  expect(sentence(pace, nightly)).toBeUndefined();
  expect(sentence(pace, once)).toBe('**/var** will be full in about 14 h, at the pace of the last 6 h.');
});

test('less than four hours are critical', () => {
  expect(
    diskWillBeFull(
      '/var',
      points(6, (hour) => 85 + 2 * hour),
      [],
    )?.level,
  ).toBe('critical');
  expect(
    diskWillBeFull(
      '/var',
      points(6, (hour) => 76 + hour),
      [],
    )?.level,
  ).toBe('warning');
});

test('falls are counted from a top to the next bottom', () => {
  const of = (...values: readonly number[]) =>
    countFalls(
      values.map((value, at) => ({ at, value })),
      5,
    );
  expect(of(1, 2, 3, 4)).toBe(0);
  expect(of(10, 8, 6, 4, 2)).toBe(1);
  expect(of(10, 2, 10, 2, 10)).toBe(2);
  expect(of(10, 7, 10, 7)).toBe(0);
});

test('the history is asked for the sets that are still reported, and for the days before only if it matters', async () => {
  const asked: number[] = [];
  const set = (path: string) => ({ host: '', name: 'disk', tags: { path } });
  const known = (path: string, lastAt: number) => ({
    set: set(path),
    fields: [{ name: 'used_percent', type: 'float' as const }],
    lastAt,
  });
  const history = {
    sets: () => Promise.resolve([known('/', NOW), known('/old', NOW - HOUR), known('/var', NOW)]),
    query: (
      fields: readonly { set: { tags: { path: string } } }[],
      _: unknown,
      range: { from: number; step: number },
    ) => {
      asked.push(fields.length);
      const values = fields.map(({ set: { tags } }) => [
        Float64Array.from({ length: 72 }, (__, index) => (tags.path === '/var' ? 80 + index / 10 : NaN)),
      ]);
      return Promise.resolve({ ...range, values });
    },
  } as unknown as HistoryAccess;
  const check = diskFullCheck(() => history);
  const found = await check.run(NOW, new AbortController().signal);
  expect(found?.map(({ id }) => id)).toEqual(['disk-full:/var']);
  expect(asked).toEqual([2, 2]);
  expect(await diskFullCheck(() => undefined).run(NOW, new AbortController().signal)).toBeUndefined();
});
