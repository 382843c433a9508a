import type { DashboardDefinition } from '../definition.ts';

import { fleet } from './fleet.ts';

/** In the order in which they are useful. */
export const dashboards: readonly DashboardDefinition[] = [fleet];
