/** Which processes make a frame. */
import type { ProcessUse } from './frame.ts';

/** Of each of the four figures. */
export const TOP = 10;

export type Usage = Pick<ProcessUse, 'cpu' | 'memory' | 'read' | 'written'>;

/** The union of the largest by each figure; of equal ones those that come first. Zeros and unknown values do not count. */
export function topOf<Of extends Usage>(all: readonly Of[]): Of[] {
  const chosen = new Set<Of>();
  for (const figure of ['cpu', 'memory', 'read', 'written'] as const) {
    for (const each of largest(all, figure)) chosen.add(each);
  }
  return [...chosen];
}

/** By insertion: most of some hundred are smaller than the smallest of the ten. */
function largest<Of extends Usage>(all: readonly Of[], figure: keyof Usage): readonly Of[] {
  const top: Of[] = [];
  let least = 0;
  for (const each of all) {
    const value = each[figure] ?? 0;
    if (value <= least) continue;
    let place = top.length;
    while (place > 0 && (top[place - 1]?.[figure] ?? 0) < value) place -= 1;
    top.splice(place, 0, each);
    if (top.length > TOP) top.pop();
    if (top.length === TOP) least = top[TOP - 1]?.[figure] ?? 0;
  }
  return top;
}
