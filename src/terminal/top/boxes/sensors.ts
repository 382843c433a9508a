/** Temperatures, the hottest first. */
import { INK } from '../../draw/theme.ts';
import { judge } from '../../source/judge.ts';
import { judgedStyle, value } from '../paint.ts';

import type { Box } from './box.ts';

const CELL_WIDTH = 30;
const VALUE_WIDTH = 9;
const MOST_ROWS = 6;
/** Of the meter: what is colder or hotter is at its end. */
const [COLDEST, HOTTEST] = [30, 90];

export const sensorsBox: Box = {
  digit: '5',
  rows: ({ view }, width) => {
    const count = view?.temperatures.length ?? 0;
    return count === 0 ? 0 : 1 + Math.min(MOST_ROWS, Math.ceil(count / Math.max(1, Math.floor(width / CELL_WIDTH))));
  },
  draw(paint, area, { view }) {
    const temperatures = view?.temperatures ?? [];
    const columns = Math.max(1, Math.floor(area.width / CELL_WIDTH));
    const cell = Math.floor(area.width / columns);
    const shown = temperatures.slice(0, columns * (area.height - 1));
    const hidden = temperatures.length - shown.length;
    paint.title(area, 'temperatures', hidden === 0 ? '' : `${hidden} more`, '5');
    shown.forEach(({ sensor, celsius }, index) => {
      const x = area.x + (index % columns) * cell;
      const y = area.y + 1 + Math.floor(index / columns);
      const judged = judge('temperature', celsius);
      const name = Math.min(18, cell - VALUE_WIDTH - 6);
      paint.left(x, y, name - 1, sensor, INK);
      const share = (celsius - COLDEST) / (HOTTEST - COLDEST);
      paint.meter(x + name, y, cell - name - VALUE_WIDTH - 2, share, judged);
      paint.right(x + cell - VALUE_WIDTH - 2, y, VALUE_WIDTH, value(celsius, 'celsius'), judgedStyle(judged));
    });
  },
};
