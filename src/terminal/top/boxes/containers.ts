/** Containers, the busiest first. */
import { FAINT, INK, QUIET } from '../../draw/theme.ts';
import { value } from '../paint.ts';

import type { Box } from './box.ts';

const MOST_ROWS = 8;
const [CPU_WIDTH, MEMORY_WIDTH, RATE_WIDTH] = [8, 11, 14];

export const containersBox: Box = {
  digit: '5',
  rows: ({ view }) => {
    const count = view?.containers.length ?? 0;
    return count === 0 ? 0 : 1 + Math.min(MOST_ROWS, count);
  },
  draw(paint, area, { view }) {
    const containers = view?.containers ?? [];
    const shown = containers.slice(0, area.height - 1);
    const hidden = containers.length - shown.length;
    paint.title(area, 'containers', hidden === 0 ? String(containers.length) : `${hidden} more`, '5');
    const hasRates = area.width >= 60;
    const columns = CPU_WIDTH + MEMORY_WIDTH + (hasRates ? 2 * RATE_WIDTH : 0);
    const [down, up] = paint.theme.isUnicode ? ['↓', '↑'] : ['in', 'out'];
    shown.forEach(({ name, cpu, memory, received, sent }, index) => {
      const y = area.y + 1 + index;
      const x = area.x + area.width - columns;
      paint.left(area.x, y, area.width - columns - 1, name, INK);
      paint.right(x, y, CPU_WIDTH, value(cpu, 'percent'));
      paint.right(x + CPU_WIDTH, y, MEMORY_WIDTH, value(memory, 'bytes'), QUIET);
      if (!hasRates) return;
      const rates = [`${down} ${value(received, 'bytes/s')}`, `${up} ${value(sent, 'bytes/s')}`];
      rates.forEach((text, column) => {
        paint.right(x + CPU_WIDTH + MEMORY_WIDTH + column * RATE_WIDTH, y, RATE_WIDTH, text, FAINT);
      });
    });
  },
};
