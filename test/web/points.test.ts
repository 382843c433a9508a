import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { createScaler, drawnColumns } from '../../web/chart/drawn.ts';
import { joinPoints, nearest, type ChartLine, type ChartSpec } from '../../web/chart/model.ts';
import { niceMaximum, timeTicks } from '../../web/chart/scales.ts';
import { difference, evaluate, gauge, perEvent, rate, ratesOf, type Columns } from '../../web/store/formula.ts';
import type { HistoryColumns } from '../../web/store/history.ts';
import { createRing } from '../../web/store/ring.ts';
import { parseSeriesName, seriesName } from '../../web/store/series-name.ts';
import { parseSpan, parseSpanOf, parseTime, spanText, timeText } from '../../web/url/time.ts';

function columns(times: readonly number[], values: Readonly<Record<string, readonly number[]>>): Columns {
  return {
    times: Float64Array.from(times),
    values: (name) => (values[name] === undefined ? undefined : Float64Array.from(values[name])),
  };
}

function history(
  times: readonly number[],
  step: number,
  values: Readonly<Record<string, readonly number[]>>,
): HistoryColumns {
  return { ...columns(times, values), step, extremes: () => undefined };
}

const line = (name: string): ChartLine => ({ label: name, color: 1, style: 'line', formula: gauge(name) });

test('a sum leaves out what has no value, a difference does not', () => {
  const given = columns([1, 2], { a: [1, NaN], b: [2, 5] });
  expect([...evaluate(gauge('a', 'b', 'gone'), given)]).toEqual([3, 5]);
  expect([...evaluate(difference('b', 'a'), given)]).toEqual([1, NaN]);
});

test('nothing that happened has no time per event', () => {
  const given = columns([1, 2], { time: [10, 0], count: [5, 0] });
  expect([...evaluate(perEvent(['time'], ['count']), given)]).toEqual([2, NaN]);
});

test('the rate of a counter passes over missing samples, and has no value after a counter began again', () => {
  const rates = ratesOf(Float64Array.of(0, 1, 2, 4, 5), Float64Array.of(10, NaN, 30, 40, 5));
  expect([...rates]).toEqual([NaN, NaN, 10, 5, NaN]);
});

test('the stream continues the history, and replaces it where both have points', () => {
  const old = history([0, 10, 20, 30], 10_000, { a: [1, 2, 3, 4] });
  const live = columns([25, 26, 27], { a: [7, 8, 9] });
  const points = joinPoints([line('a')], old, live, { from: 0, to: 60_000 }, 10_000);
  expect(points.times).toEqual([0, 10, 20, 25, 26, 27]);
  expect(points.values).toEqual([[1, 2, 3, 7, 8, 9]]);
  expect(points.gaps).toEqual([]);
});

test('where the stream was interrupted the history stands, and only what neither has is a gap', () => {
  const old = history([10, 20, 50, 60, 70], 10_000, { a: [1, 2, 5, 6, 7] });
  const live = columns([20, 21, 22, 72, 73], { a: [7, 8, 9, 10, 11] });
  const points = joinPoints([line('a')], old, live, { from: 0, to: 80_000 }, 5000);
  expect(points.times).toEqual([10, 20, 21, 22, 50, 60, 70, 72, 73]);
  const longer = columns([20, 21, 22, 112, 113], { a: [7, 8, 9, 10, 11] });
  expect(joinPoints([line('a')], old, longer, { from: 0, to: 120_000 }, 5000).gaps).toEqual([{ from: 70, to: 112 }]);
});

test('no point for more than three intervals is a gap, fewer are not', () => {
  const old = history([0, 10, 20, 50, 100], 10_000, { a: [1, 2, 3, 4, 5] });
  const points = joinPoints([line('a')], old, undefined, { from: 0, to: 100_000 }, 10_000);
  expect(points.gaps).toEqual([{ from: 50, to: 100 }]);
  expect(points.values).toEqual([[1, 2, 3, 4, null, 5]]);
});

test('zero is a value, not a gap', () => {
  const points = joinPoints(
    [line('a')],
    history([0, 10], 10_000, { a: [0, 0] }),
    undefined,
    { from: 0, to: 10_000 },
    10_000,
  );
  expect(points.values).toEqual([[0, 0]]);
});

test('a line reaches the edges: one point beyond each stays', () => {
  const old = history([0, 10, 20, 30, 40], 10_000, { a: [1, 2, 3, 4, 5] });
  expect(joinPoints([line('a')], old, undefined, { from: 15_000, to: 25_000 }, 10_000).times).toEqual([10, 20, 30]);
});

test('the nearest point, if it is near', () => {
  const points = joinPoints(
    [line('a')],
    history([0, 10, 20], 10_000, { a: [1, 2, 3] }),
    undefined,
    { from: 0, to: 20_000 },
    10_000,
  );
  expect([nearest(points, 14, 10), nearest(points, 16, 10), nearest(points, 40, 10)]).toEqual([1, 2, undefined]);
});

test('stacks add up, mirrors turn round', () => {
  const lines: readonly ChartLine[] = [
    { ...line('a'), style: 'stack' },
    { ...line('b'), style: 'stack' },
    { ...line('c'), style: 'mirror' },
  ];
  expect(
    drawnColumns({ lines }, [
      [1, 2],
      [10, null],
      [5, 6],
    ]),
  ).toEqual([
    [1, 2],
    [11, null],
    [-5, -6],
  ]);
});

test('a scale grows at once and shrinks only after a minute', () => {
  const spec: ChartSpec = { id: 'x', title: 'x', unit: '', lines: [line('a')], scale: { kind: 'nice', least: 1 } };
  const scale = createScaler();
  expect(scale(spec, [[9]], 0).max).toBe(10);
  expect(scale(spec, [[90]], 1000).max).toBe(100);
  expect(scale(spec, [[9]], 30_000).max).toBe(100);
  expect(scale(spec, [[9]], 62_000).max).toBe(10);
});

test('a nice maximum is at least the value and at most double', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-6, max: 1e15, noNaN: true }), (value) => {
      const nice = niceMaximum(value);
      expect(nice).toBeGreaterThanOrEqual(value * 0.999);
      expect(nice).toBeLessThanOrEqual(value * 2);
    }),
  );
});

test('an axis has at most seven labels, on whole steps', () => {
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 400 * 86_400 }), fc.integer({ min: 100, max: 2000 }), (length, width) => {
      const { at } = timeTicks(1_796_000_000, 1_796_000_000 + length, width);
      expect(at.length).toBeLessThanOrEqual(8);
      expect(new Set(at).size).toBe(at.length);
    }),
  );
});

test('names of series are read as they are written', () => {
  const part = fc.string({ minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(
      part,
      part,
      fc.dictionary(
        part.filter((key) => key !== 'host' && key !== '__proto__'),
        part,
        { maxKeys: 4 },
      ),
      (measurement, field, tags) => {
        expect(parseSeriesName(seriesName(measurement, field, tags))).toEqual({
          measurement,
          field,
          tags: { ...tags },
        });
      },
    ),
  );
  expect(parseSeriesName('cpu')).toBeUndefined();
  expect(parseSeriesName('cpu.usage{cpu')).toBeUndefined();
  expect(rate('a').isRate).toBe(true);
});

test('times in addresses are short and exact', () => {
  expect(timeText(Date.UTC(2026, 10, 29, 1, 24))).toBe('2026-11-29T01:24Z');
  expect(timeText(Date.UTC(2026, 10, 29, 1, 24, 5))).toBe('2026-11-29T01:24:05Z');
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e12 }), (at) => {
      expect(parseTime(timeText(at))).toBe(at);
      expect(parseSpanOf(spanText({ from: at, to: at + 1 }))).toEqual({ from: at, to: at + 1 });
    }),
  );
  expect([parseTime('soon'), parseTime('2026-13-45T99:99Z'), parseSpan('5parsecs'), parseSpan('6h')]).toEqual([
    undefined,
    undefined,
    undefined,
    21_600_000,
  ]);
});

test('a ring forgets the oldest, ignores what is not newer, and keeps columns when series come and go', () => {
  const ring = createRing();
  ring.setNames(['a']);
  for (let second = 1; second <= 1100; second += 1) ring.push(second * 1000, [second]);
  ring.push(1000, [0]);
  expect([ring.size, ring.firstAt, ring.lastAt]).toEqual([1024, 77_000, 1_100_000]);
  ring.setNames(['b', 'a']);
  ring.push(1_101_000, [5, 6]);
  expect(ring.values('a')?.slice(-2)).toEqual(Float64Array.of(1100, 6));
  expect(ring.values('b')?.slice(-2)).toEqual(Float64Array.of(NaN, 5));
  expect(ring.last('a', 10_000)).toBe(6);
});
