/** The routes that answer from the sources. */
import type { Clock } from '../core/clock.ts';

import type { Route } from './route.ts';
import { agentRoutes } from './routes/agent.ts';
import { agentIntakeRoutes } from './routes/agents.ts';
import { alertRoutes } from './routes/alerts.ts';
import { controlRoutes } from './routes/control.ts';
import { fleetLinesRoute } from './routes/fleet-lines.ts';
import { fleetRoutes } from './routes/fleet.ts';
import { hostRoutes } from './routes/host.ts';
import { ruleRoutes } from './routes/rules.ts';
import { seriesRoutes } from './routes/series.ts';
import { whyRoutes } from './routes/why.ts';
import type { Sources } from './sources.ts';
import { streamRoute } from './stream/route.ts';

/** @param joinAddress where agents reach the hub, with a token; undefined while there is no port */
export function apiRoutes(
  sources: Sources,
  clock: Clock,
  joinAddress: (token: string) => string | undefined,
): readonly Route[] {
  return [
    ...hostRoutes(sources, clock),
    ...seriesRoutes(sources, clock),
    ...alertRoutes(sources),
    ...whyRoutes(sources),
    ...ruleRoutes(sources),
    ...agentRoutes(sources),
    ...fleetRoutes(sources, joinAddress),
    fleetLinesRoute(sources, clock),
    ...agentIntakeRoutes(sources),
    ...controlRoutes(sources),
    streamRoute(sources, clock),
  ];
}
