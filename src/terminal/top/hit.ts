/** Where the mouse can act. */
import type { Area } from '../screen/canvas.ts';

import type { Cursor, Sort } from './state.ts';

export interface Hit {
  readonly area: Area;
  readonly sort?: Sort;
  readonly cursor?: Cursor;
}
