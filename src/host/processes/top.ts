/** Which processes make a frame. */
import type { ProcessUse } from './frame.ts';

/** How many of each of the four figures a frame of the history has. */
export const TOP = 10;
/** The same for a frame that is shown and not kept: a screen has room for more. */
export const LIVE_TOP = 40;

export type Usage = Pick<ProcessUse, 'cpu' | 'memory' | 'read' | 'written'>;

/** The union of the `most` largest by each figure; of equal ones those that come first. Zeros and unknown values do not count. */
export function topOf<Of extends Usage>(all: readonly Of[], most: number): Of[] {
  const chosen = new Set<Of>();
  for (const figure of ['cpu', 'memory', 'read', 'written'] as const) {
    for (const each of largest(all, figure, most)) chosen.add(each);
  }
  return [...chosen];
}

/** By insertion: most of some hundred are smaller than the smallest of those chosen. */
function largest<Of extends Usage>(all: readonly Of[], figure: keyof Usage, most: number): readonly Of[] {
  const top: Of[] = [];
  let least = 0;
  for (const each of all) {
    const value = each[figure] ?? 0;
    if (value <= least) continue;
    let place = top.length;
    while (place > 0 && (top[place - 1]?.[figure] ?? 0) < value) place -= 1;
    top.splice(place, 0, each);
    if (top.length > most) top.pop();
    if (top.length === most) least = top[most - 1]?.[figure] ?? 0;
  }
  return top;
}
