import { describe, expect, test } from '@jest/globals';

import { compileGlobs } from '../../../src/core/globs.ts';
import { Canvas } from '../../../src/terminal/screen/canvas.ts';
import { drawWatch, type WatchState } from '../../../src/terminal/watch/draw.ts';
import { SeriesTable } from '../../../src/terminal/watch/series-table.ts';

import { AT, pointsAt } from '../top/sample-state.ts';

function tableOf(...patterns: readonly string[]): SeriesTable {
  const describeField = (measurement: string, field: string) => ({
    unit: field.startsWith('bytes') ? 'bytes' : 'percent',
    isCounter: measurement === 'net',
  });
  return new SeriesTable({ matches: compileGlobs(patterns), describe: describeField });
}

const sample = (second: number) => ({ at: AT + second * 1000, points: pointsAt(second) });

describe('watched series', () => {
  test('a pattern is over measurement.field, or the whole name with tags', () => {
    const names = (...patterns: readonly string[]) => {
      const table = tableOf(...patterns);
      table.add(sample(0));
      return table.rows().map(({ name }) => name);
    };
    expect(names('cpu.usage_idle')).toEqual([
      'cpu.usage_idle{cpu=cpu-total}',
      'cpu.usage_idle{cpu=cpu0}',
      'cpu.usage_idle{cpu=cpu1}',
    ]);
    expect(names('*{cpu=cpu1}')).toHaveLength(4);
    expect(names('nothing.*')).toEqual([]);
  });

  test('value, minimum and maximum since the start; counters as rates', () => {
    const table = tableOf('net.bytes_recv', 'mem.used');
    for (const second of [0, 1, 3]) table.add(sample(second));
    expect(table.rows().find(({ name }) => name.includes('eth0'))).toMatchObject({
      unit: 'bytes/s',
      values: [Number.NaN, 2048, 2048],
      last: 2048,
      min: 2048,
      max: 2048,
    });
  });

  test('a series that comes late or goes has gaps', () => {
    const table = tableOf('cpu.usage_idle');
    table.add({ at: 0, points: [] });
    table.add(sample(0));
    table.add({ at: 2000, points: [] });
    expect(table.rows()[0]?.values).toEqual([Number.NaN, 60, Number.NaN]);
  });

  test('the screen: columns that fit at 80 and 200, and what to do when nothing matches', () => {
    const screen = (pattern: string, width: number) => {
      const table = tableOf(pattern);
      table.add(sample(0));
      const facts = { origin: 'no agent', interval: 2000, scroll: 0, isPaused: false, trouble: '' };
      const state: WatchState = { ...facts, table, patterns: [pattern] };
      const canvas = new Canvas(width, 24);
      drawWatch(canvas, state, { isUnicode: true });
      return canvas.rows();
    };
    for (const width of [80, 200]) {
      const rows = screen('cpu.usage_idle', width);
      expect(rows[0]).toBe('cpu.usage_idle  3 series  no agent  every 2000 ms'.replace('2000 ms', '2 s'));
      expect(rows[2]).toMatch(/^cpu\.usage_idle\{cpu=cp.* 60 % .* 60 % +60 %$/);
    }
    expect(screen('foo.*', 200)[2]).toMatch(/^No series matches foo\.\*; there are: cpu\.\*, disk\.\*/);
  });
});
