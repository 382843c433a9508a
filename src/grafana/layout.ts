/** Places panels from left to right in Grafana's grid of 24 columns; what does not fit begins a new line. */
import type { GridPos } from './schema.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

const COLUMNS = 24;

/** Positions of the panels, and the first line that is free below them. */
export function flow(
  sizes: readonly Size[],
  top: number,
): { readonly positions: readonly GridPos[]; readonly bottom: number } {
  let [x, y, bottom] = [0, top, top];
  const positions = sizes.map(({ width, height }) => {
    if (x + width > COLUMNS) [x, y] = [0, bottom];
    const position = { x, y, w: width, h: height };
    x += width;
    bottom = Math.max(bottom, y + height);
    return position;
  });
  return { positions, bottom };
}
