/** How much of a window has samples. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { SampleWindow } from '../../../src/alerts/rules/sample-windows/sample-window.ts';

const [START, STEP, LENGTH] = [1_700_000_000_000, 10_000, 300_000];
const COVERAGE = 0.8;

/** Samples each ten seconds, the first of them `early` ms before the second. */
function filled(early: number, samples: number, length = LENGTH): SampleWindow {
  const window = new SampleWindow(length, COVERAGE);
  window.add(1, START - early);
  for (let index = 0; index < samples; index += 1) window.add(1, START + index * STEP);
  return window;
}

describe('a window', () => {
  it('is covered in its time, however short after the first sample the second one came', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: STEP }), (early) => {
        expect(filled(early, 20).isCovered()).toBe(false);
        expect(filled(early, 24).isCovered()).toBe(true);
      }),
    );
  });

  it('of few samples too', () => {
    expect(filled(9, 6, 60_000).isCovered()).toBe(true);
  });

  it('of more samples than are kept is covered, and its memory stays bounded', () => {
    const window = filled(9, 30_000, 30_000 * STEP);
    expect(window.isCovered()).toBe(true);
    expect(window.size).toBeLessThanOrEqual(4096);
  });

  it('is not covered when most of it is a gap, and again when the gap has left it', () => {
    const window = filled(9, 24);
    const afterGap = START + 24 * STEP + 200_000;
    window.add(1, afterGap);
    window.add(1, afterGap + STEP);
    expect(window.isCovered()).toBe(false);
    expect(window.covered).toBeLessThan(200_000);
    for (let index = 2; index < 30; index += 1) window.add(1, afterGap + index * STEP);
    expect(window.isCovered()).toBe(true);
  });

  it('is not covered by two samples, however far apart, once the distance is known', () => {
    const window = filled(STEP, 24);
    window.add(1, START + 23 * STEP + LENGTH - 1000);
    expect(window.isCovered()).toBe(false);
  });

  it('is covered again in its time after the interval has changed from seconds to ten', () => {
    const window = new SampleWindow(LENGTH, COVERAGE);
    for (let second = 0; second < 300; second += 1) window.add(1, START + second * 1000);
    for (let index = 1; index <= 60; index += 1) window.add(1, START + 300_000 + index * STEP);
    expect(window.isCovered()).toBe(true);
  });
});
