/** Where boxes are: bands of boxes side by side, as many as the screen has room for beside the processes. */
import type { Area } from '../screen/canvas.ts';

import type { Box } from './boxes/box.ts';
import type { TopState } from './state.ts';

const GAP = 2;
/** A box needs its title and a row. */
const LEAST_ROWS = 2;
const LEAST_GRAPH = 4;

export interface Placed {
  readonly box: Box;
  readonly area: Area;
}

/** Boxes side by side. */
function columnsFor(width: number): number {
  if (width < 70) return 1;
  return width < 150 ? 2 : 3;
}

/**
 * @param area above the processes, at most this large
 * @returns boxes that have something to show, in order; those that do not fit are left out
 */
export function placeBoxes(boxes: readonly Box[], state: TopState, area: Area): readonly Placed[] {
  const boxWidth = (count: number) => Math.floor((area.width - GAP * (count - 1)) / count);
  const graph = Math.max(LEAST_GRAPH, Math.floor(area.height / 4));
  const rowsOf = (box: Box, count: number) => box.rows(state, boxWidth(count), graph);
  const most = columnsFor(area.width);
  const shown = boxes.filter((box) => !state.hidden.has(box.digit) && rowsOf(box, most) > 0);
  // As many in each band, so that the last one does not stretch a single box.
  const columns = Math.ceil(shown.length / Math.ceil(shown.length / most));
  const bands = Array.from({ length: Math.ceil(shown.length / most) }, (_, index) =>
    shown.slice(index * columns, (index + 1) * columns),
  );
  const wanted = bands.map((band) => Math.max(...band.map((box) => rowsOf(box, band.length))));
  const placed: Placed[] = [];
  let { y } = area;
  for (const [index, height] of shared(wanted, area.height).entries()) {
    const band = bands[index] ?? [];
    const width = boxWidth(band.length);
    band.forEach((box, column) => {
      const x = area.x + column * (width + GAP);
      const isLast = column === band.length - 1;
      placed.push({ box, area: { x, y, width: isLast ? area.x + area.width - x : width, height } });
    });
    y += height;
  }
  return placed;
}

/** Takes rows from the highest until all fit; if they never do, the last ones are left out. */
function shared(wanted: readonly number[], rows: number): readonly number[] {
  const heights = [...wanted];
  while (heights.length > 0 && heights.length * LEAST_ROWS > rows) heights.pop();
  for (let over = heights.reduce((sum, each) => sum + each, 0) - rows; over > 0; over -= 1) {
    const most = Math.max(...heights);
    heights[heights.lastIndexOf(most)] = most - 1;
  }
  return heights;
}
