import { expect, it } from '@jest/globals';

import { CALM, FLAP_DEFAULTS, onChange, onQuiet, type ChangeWeight } from '../../../src/alerts/state/flapping.ts';

const MINUTE = 60_000;

function after(weights: readonly ChangeWeight[], apart = MINUTE, settings = FLAP_DEFAULTS) {
  return weights.reduce((state, weight, index) => onChange(state, weight, index * apart, settings), CALM);
}

it('AL-100: five changes within an hour are flapping, four are not', () => {
  expect(after([1, 1, 1, 1]).isFlapping).toBe(false);
  expect(after([1, 1, 1, 1, 1]).isFlapping).toBe(true);
});

it('AL-100: changes that are further apart are not flapping', () => {
  expect(after([1, 1, 1, 1, 1, 1, 1], 16 * MINUTE).isFlapping).toBe(false);
});

it('AL-101: flapping ends only after the quiet time', () => {
  const flapping = after([1, 1, 1, 1, 1]);
  const last = 4 * MINUTE;
  expect(onQuiet(flapping, last + 30 * MINUTE - 1, FLAP_DEFAULTS)).toBe(flapping);
  expect(onQuiet(flapping, last + 30 * MINUTE, FLAP_DEFAULTS)).toBe(CALM);
});

it('AL-102: changes of level count half', () => {
  expect(after([1, 1, 1, 0.5, 0.5, 0.5]).isFlapping).toBe(false);
  expect(after([1, 1, 1, 0.5, 0.5, 0.5, 0.5]).isFlapping).toBe(true);
});

it('AL-102: changes of level alone are never flapping', () => {
  expect(after([1, ...Array.from({ length: 50 }, () => 0.5 as const)]).isFlapping).toBe(false);
});

it('can be disabled', () => {
  expect(after([1, 1, 1, 1, 1, 1], MINUTE, { ...FLAP_DEFAULTS, changes: 0 })).toBe(CALM);
});
