import { describe, expect, test } from '@jest/globals';

import { judge, problemsOf } from '../../../src/terminal/source/judge.ts';
import { Rates } from '../../../src/terminal/source/rates.ts';
import { viewOf } from '../../../src/terminal/source/view-of.ts';

import { AT, pointsAt } from '../top/sample-state.ts';

function viewAt(...seconds: readonly number[]) {
  const rates = new Rates();
  return seconds.map((second) => viewOf({ at: AT + second * 1000, points: pointsAt(second) }, rates)).at(-1)!;
}

describe('points as boxes show them', () => {
  test('a rate needs two samples, and is by the time between them', () => {
    expect(viewAt(0).interfaces[0]).toMatchObject({ name: 'eth0', received: Number.NaN });
    expect(viewAt(0, 4).interfaces[0]).toMatchObject({ received: 2048, sent: 1024 });
  });

  test('a counter that began again has no rate; the next sample has', () => {
    const rates = new Rates();
    const of = (at: number, bytes: number) =>
      rates.of({ measurement: 'net', tags: {}, values: { bytes }, at })('bytes');
    expect([of(0, 100), of(1000, 50), of(2000, 80), of(2000, 80)]).toEqual([Number.NaN, Number.NaN, 30, 30]);
  });

  test('waiting for disks is not busy, and bounds hold', () => {
    expect(viewAt(0).cpu).toEqual({ busy: 38, user: 20, system: 18, iowait: 2, steal: 0 });
  });

  test('file systems: one for each device, the fullest first', () => {
    expect(viewAt(0).fileSystems.map(({ path }) => path)).toEqual(['/var', '/']);
  });

  test('nothing there: nothing shown', () => {
    expect(viewOf({ at: 0, points: [] }, new Rates())).toMatchObject({ cpu: undefined, memory: undefined, cores: [] });
  });
});

describe('what a reader should look at', () => {
  test('a small disk that is full is critical, a large one with much space left is not', () => {
    const view = viewAt(0);
    expect(problemsOf(view).list.map(({ id, level }) => [id, level])).toEqual([['disk /var', 'critical']]);
    const [full] = view.fileSystems;
    const large = { ...view, fileSystems: [{ ...full!, free: 2 ** 42 }] };
    expect(problemsOf(large)).toMatchObject({ list: [], fine: 4 });
  });

  test('a sensor that reads nonsense is broken, not hot', () => {
    expect([judge('temperature', 90), judge('temperature', 255)]).toEqual(['warning', 'fine']);
  });
});
