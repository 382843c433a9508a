/** Which routes an alert takes. */
import type { Tags } from '../../metric/metric.ts';

import { labelOf } from './matchers.ts';
import type { Route, Routing } from './routing.ts';

/**
 * The deepest that match and are active: the first of a level, and those after it where it says `continue`. A route that is not
 * active is skipped, so that alerts take those after it, or its parent; for the first route there is nothing else.
 *
 * @param now ms since the Unix epoch
 */
export function matchRoutes(root: Route, labels: Tags, now: number): readonly Route[] {
  if (!root.matches(labels)) return [];
  const found: Route[] = [];
  for (const child of isActive(root, now) ? root.routes : []) {
    const matched = isActive(child, now) ? matchRoutes(child, labels, now) : [];
    found.push(...matched);
    if (matched.length > 0 && !child.isContinued) break;
  }
  return found.length === 0 ? [root] : found;
}

export function isActive({ active }: Route, now: number): boolean {
  return active === undefined || active.some((window) => window.isOpen(now));
}

/** Whether the routes of an alert depend on the time. */
export function isTimed(route: Route, labels: Tags): boolean {
  return route.matches(labels) && (route.active !== undefined || route.routes.some((child) => isTimed(child, labels)));
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
export function routesFor(routing: Routing, labels: Tags, at: number): readonly RouteAnswer[] {
  return matchRoutes(routing.root, labels, at).map((route) => ({
    route,
    groupKey: groupKeyOf(route.id, groupTagsOf(route.groupBy, labels)),
  }));
}
