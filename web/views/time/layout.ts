/** Sizes that all parts of Time share, so that one moment is one vertical line. */
import { signal } from '@preact/signals';

import { isPhone } from '../../parts/media.ts';

const windowHeight = signal(innerHeight);
addEventListener('resize', () => {
  windowHeight.value = innerHeight;
});

/** Bar, controls, lane, axis and edges. */
const AROUND = 48 + 56 + 48 + 26 + 18;
const LEAST = 92;
const MOST = 160;
const PHONE = 104;

/** Of a chart with its title, px: all of them on one screen if there is room. */
export function stripHeight(charts: number): number {
  if (isPhone.value) return PHONE;
  return Math.max(LEAST, Math.min(MOST, Math.floor((windowHeight.value - AROUND) / Math.max(1, charts))));
}

/** px at the left of plots. */
export function axisWidth(): number {
  return isPhone.value ? 36 : 52;
}

/** px at the right of plots. */
export function rightPadding(): number {
  return isPhone.value ? 8 : 16;
}
