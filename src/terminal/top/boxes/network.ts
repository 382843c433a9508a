/** Network interfaces, the busiest since boot first. */
import { bars, niceMaximum } from '../../draw/graph.ts';
import { INK, levelStyle } from '../../draw/theme.ts';
import { style } from '../../screen/style.ts';
import type { HostView, Interface } from '../../source/view.ts';
import { value, type Paint } from '../paint.ts';

import type { Box } from './box.ts';

const [RECEIVED, SENT] = [style('s1'), style('s2')];
const RATE_WIDTH = 14;
const NAME_WIDTH = 12;
const MOST = 10;
/** A graph that shows noise would alarm. */
const LEAST_SCALE = 1024;

export const networkBox: Box = {
  digit: '4',
  rows: ({ view }) => {
    const count = view?.interfaces.length ?? 0;
    return count === 0 ? 0 : 1 + Math.min(MOST, count);
  },
  draw(paint, area, { view, trail }) {
    const interfaces = view?.interfaces ?? [];
    const shown = interfaces.slice(0, Math.min(MOST, area.height - 1));
    const hidden = interfaces.length - shown.length;
    paint.title(area, 'network', hidden === 0 ? '' : `${hidden} more`, '4');
    const spark = Math.floor((area.width - NAME_WIDTH - 2 * RATE_WIDTH - 2) / 2);
    shown.forEach((each, index) => {
      const y = area.y + 1 + index;
      paint.left(area.x, y, NAME_WIDTH - 1, each.name, INK);
      const [down, up] = paint.theme.isUnicode ? ['↓', '↑'] : ['in', 'out'];
      const right = area.x + NAME_WIDTH;
      paint.right(right, y, RATE_WIDTH, `${down} ${value(each.received, 'bytes/s')}`);
      paint.right(right + RATE_WIDTH, y, RATE_WIDTH, `${up} ${value(each.sent, 'bytes/s')}`);
      if (each.lost > 0)
        paint.left(
          right + 2 * RATE_WIDTH + 1,
          y,
          spark * 2,
          `loses ${value(each.lost, 'packets/s')}`,
          levelStyle('warning'),
        );
      else if (spark >= 4) drawSparks(paint, { x: right + 2 * RATE_WIDTH + 1, y, width: spark }, each, trail);
    });
  },
};

function drawSparks(
  paint: Paint,
  { x, y, width }: { readonly x: number; readonly y: number; readonly width: number },
  { name }: Interface,
  trail: readonly HostView[],
): void {
  const past = trail.slice(-width).map((view) => view.interfaces.find((each) => each.name === name));
  for (const [index, field] of (['received', 'sent'] as const).entries()) {
    const values = past.map((each) => each?.[field] ?? Number.NaN);
    const most = values.reduce((sum, each) => (each > sum ? each : sum), LEAST_SCALE);
    const line = bars(values, { low: 0, high: niceMaximum(most, 'bytes/s') }, paint.theme.isUnicode);
    paint.right(x + index * (width + 1), y, width, line, index === 0 ? RECEIVED : SENT);
  }
}
