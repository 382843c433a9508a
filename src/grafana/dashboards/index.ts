import type { DashboardDefinition } from '../definition.ts';

import { alerts } from './alerts.ts';
import { docker } from './docker.ts';
import { fleet } from './fleet.ts';
import { healthd } from './healthd.ts';
import { host } from './host.ts';

/** The built-in dashboards, in order of use. */
export const dashboards: readonly DashboardDefinition[] = [fleet, host, docker, alerts, healthd];
