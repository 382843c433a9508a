import { expect, test } from '@jest/globals';

import { LiveRing } from '../../src/gather/live-ring.ts';

function pointsAt(at: number, text = '') {
  return { at, metrics: [{ name: 'm', tags: {}, fields: { v: text }, time: BigInt(at) }] };
}

function times(ring: LiveRing): readonly number[] {
  return ring.after(0).map(({ at }) => at);
}

test('points older than the limit are forgotten', () => {
  const ring = new LiveRing({ ms: 3000, bytes: 1e6 });
  for (const at of [1000, 2000, 3000, 4000, 5000]) ring.add(pointsAt(at));
  expect(times(ring)).toEqual([3000, 4000, 5000]);
  expect(ring.after(4000).map(({ at }) => at)).toEqual([5000]);
});

test('the oldest go when the size is reached, the newest never', () => {
  const ring = new LiveRing({ ms: 1e6, bytes: 2500 });
  for (const at of [1000, 2000, 3000]) ring.add(pointsAt(at, 'x'.repeat(1000)));
  expect(times(ring)).toEqual([2000, 3000]);
  ring.add(pointsAt(4000, 'x'.repeat(10_000)));
  expect(times(ring)).toEqual([4000]);
});

test('a clock that is set back leaves no points from the future', () => {
  const ring = new LiveRing({ ms: 1e6, bytes: 1e6 });
  for (const at of [5000, 6000, 7000, 2000, 3000]) ring.add(pointsAt(at));
  expect(times(ring)).toEqual([2000, 3000]);
});
