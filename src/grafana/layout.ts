/** Places panels from left to right in Grafana's 24-column grid; a panel that does not fit starts a new line. */
import type { GridPos } from './dashboard-json.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Flow<Item> {
  readonly places: readonly { readonly item: Item; readonly gridPos: GridPos }[];
  /** The first free grid row below all of them. */
  readonly bottom: number;
}

const COLUMNS = 24;

export function flow<Item>(items: readonly Item[], sizeOf: (item: Item) => Size, top: number): Flow<Item> {
  let [x, y, bottom] = [0, top, top];
  const places = items.map((item) => {
    const { width, height } = sizeOf(item);
    if (x + width > COLUMNS) [x, y] = [0, bottom];
    const gridPos = { x, y, w: width, h: height };
    x += width;
    bottom = Math.max(bottom, y + height);
    return { item, gridPos };
  });
  return { places, bottom };
}
