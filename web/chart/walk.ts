/** Keys on a chart that has the focus: they move the line from sample to sample. */
import type { ReadonlySignal } from '@preact/signals';

import { pin, pinned, selection } from '../url/range.ts';

import { hoverAt, isByKeys } from './cursor.ts';
import type { Points } from './model.ts';
import { nearest } from './model.ts';
import { zoomTo } from './zoom.ts';

const FAR = 10;

export function useChartKeys(points: ReadonlySignal<Points>): (event: KeyboardEvent) => void {
  return (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== event.currentTarget) return;
    if (act(event, points.peek())) event.preventDefault();
  };
}

/** @returns whether the key does something */
function act({ key, shiftKey }: KeyboardEvent, points: Points): boolean {
  if (key === 'ArrowRight' || key === 'ArrowLeft') {
    move(points, (key === 'ArrowRight' ? 1 : -1) * (shiftKey ? FAR : 1));
    return true;
  }
  if (key === 'Enter' && hoverAt.value !== undefined) {
    pin(pinned.value === undefined ? hoverAt.value : undefined);
    return true;
  }
  if (key !== 'z' || selection.value === undefined) return false;
  zoomTo(selection.value);
  return true;
}

function move({ times, ...rest }: Points, by: number): void {
  if (times.length === 0) return;
  const at = pinned.value ?? hoverAt.value;
  const from = at === undefined ? times.length : (nearest({ times, ...rest }, at / 1000, Infinity) ?? times.length);
  const time = times[Math.max(0, Math.min(times.length - 1, from + by))];
  if (time === undefined) return;
  isByKeys.value = true;
  hoverAt.value = time * 1000;
  if (pinned.value !== undefined) pin(time * 1000);
}
