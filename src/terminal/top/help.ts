/** All keys, in the place of the boxes. */
import { ACCENT, INK } from '../draw/theme.ts';
import type { Area } from '../screen/canvas.ts';

import type { Paint } from './paint.ts';
import type { TopState } from './state.ts';

const KEYS: readonly (readonly [keys: string, does: string, needs?: 'past' | 'acts'])[] = [
  ['q, Ctrl-C', 'quit'],
  [
    'c m r w',
    'sort processes by CPU, memory, bytes read, bytes written; a click on the head of a column does the same',
  ],
  ['arrows, j k', 'select an alert or a process; the wheel scrolls'],
  ['/', 'show only processes whose name, user, unit or pid contains a text'],
  ['p', 'pause'],
  ['1 2 3 4 5', 'show or hide CPU, memory, disks, network, containers and temperatures'],
  ['t T', 'one step later, one earlier; the right and left arrow do the same', 'past'],
  ['a', 'acknowledge the selected alert', 'acts'],
  ['s', 'silence the selected alert', 'acts'],
  ['Ctrl-L', 'draw the screen again'],
  ['Ctrl-Z', 'suspend'],
  ['?, Esc', 'close this help'],
];

const KEY_WIDTH = 14;

export function drawHelp(paint: Paint, area: Area, { isPast, acts }: TopState['source']): void {
  paint.title(area, 'keys');
  KEYS.filter(([, , needs]) => needs === undefined || (needs === 'past' ? isPast : acts !== undefined))
    .slice(0, area.height - 1)
    .forEach(([keys, does], index) => {
      const y = area.y + 1 + index;
      paint.left(area.x, y, KEY_WIDTH, keys, ACCENT);
      paint.left(area.x + KEY_WIDTH, y, area.width - KEY_WIDTH, does, INK);
    });
}
