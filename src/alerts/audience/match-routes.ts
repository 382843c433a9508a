/** Which routes an alert takes. */
import type { Tags } from '../../metric/metric.ts';

import { labelOf } from './matchers.ts';
import type { Route, Routing } from './routing.ts';

/** The deepest that match: the first of a level, and those after it where it says `continue`. */
export function matchRoutes(route: Route, labels: Tags): readonly Route[] {
  if (!route.matches(labels)) return [];
  const found: Route[] = [];
  for (const child of route.routes) {
    const matched = matchRoutes(child, labels);
    found.push(...matched);
    if (matched.length > 0 && !child.isContinued) break;
  }
  return found.length === 0 ? [route] : found;
}

/**
 * What alerts are grouped by, with what this alert has there. The level is no part of it, as it changes, unless asked for.
 *
 * @param groupBy names of labels; undefined: all of them, so each alert is alone
 */
export function groupTagsOf(groupBy: Route['groupBy'], labels: Tags): Tags {
  const names = groupBy ?? Object.keys(labels).filter((name) => name !== 'level');
  return Object.fromEntries([...names].sort().map((name) => [name, labelOf(labels, name)]));
}

/** As `pages:{host="web1"}`. */
export function groupKeyOf(routeId: string, tags: Tags): string {
  const pairs = Object.entries(tags)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `${routeId}:{${pairs.join(',')}}`;
}

/** For people who ask where an alert would go. */
export interface RouteAnswer {
  readonly route: Route;
  readonly groupKey: string;
}

/** @param labels may lack any of them */
export function routesFor(routing: Routing, labels: Tags): readonly RouteAnswer[] {
  return matchRoutes(routing.root, labels).map((route) => ({
    route,
    groupKey: groupKeyOf(route.id, groupTagsOf(route.groupBy, labels)),
  }));
}
