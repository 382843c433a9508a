/** The chart whose values the reader looks at as a table. */
import { signal } from '@preact/signals';

import type { ChartSpec, Points } from './model.ts';

export const tabled = signal<{ readonly spec: ChartSpec; readonly points: Points } | undefined>(undefined);
