import { ALERT_LEVELS, type AlertLevel } from '../../plugin/notification.ts';

import { formatMatch } from './matchers.ts';
import { checkedMatch, type Nearest, type Report, type RoutingProblem } from './problems.ts';
import {
  DEFAULT_GROUP_INTERVAL,
  DEFAULT_GROUP_WAIT,
  type Escalation,
  type RepeatTimes,
  type Route,
} from './routing.ts';
import type { RouteConfig } from './schema.ts';
import type { TimeWindow } from './time-windows.ts';

export interface Surroundings {
  readonly windows: ReadonlyMap<string, TimeWindow>;
  /** Names of all notifiers. */
  readonly receivers: readonly string[];
  readonly nearest: Nearest;
  readonly report: Report;
}

type Path = RoutingProblem['path'];

interface Place extends Surroundings {
  readonly path: Path;
  readonly parent: Route;
  /** All ids so far. */
  readonly ids: Set<string>;
}

const ALL_LABELS = '...';

/** @param config undefined: every notifier is notified of everything, by host */
export function compileRoot(config: RouteConfig | undefined, around: Surroundings): Route {
  const defaults: Route = {
    id: 'root',
    path: [],
    match: {},
    matches: () => true,
    receivers: around.receivers,
    groupBy: ['host'],
    groupWait: DEFAULT_GROUP_WAIT,
    groupInterval: DEFAULT_GROUP_INTERVAL,
    repeat: {},
    mute: [],
    active: undefined,
    escalations: [],
    isContinued: false,
    routes: [],
  };
  if (config === undefined) return { ...defaults, path: ['root'] };
  const { report } = around;
  if (config.match !== undefined) {
    const hint = 'put what is to be matched into one of its "routes"';
    report({ path: ['route', 'match'], message: 'The first route takes every alert, so it cannot have "match"', hint });
  }
  if (config.continue) {
    report({ path: ['route', 'continue'], message: 'There is nothing after the first route to continue with' });
  }
  const place = { ...around, path: ['route'], parent: defaults, ids: new Set<string>() };
  return compileRoute({ name: 'root', ...config, match: undefined, continue: false }, place);
}

function compileRoute(config: RouteConfig, place: Place): Route {
  const { parent, path, report } = place;
  const id = idOf(config, place);
  const receivers = config.notify === undefined ? parent.receivers : known(config.notify, 'notify', place);
  const route: Route = {
    id,
    path: [...parent.path, id],
    match: config.match ?? {},
    matches: checkedMatch(config.match ?? {}, [...path, 'match'], report) ?? (() => false),
    receivers,
    groupBy: config.group_by === undefined ? parent.groupBy : groupByOf(config.group_by, place),
    groupWait: { ...parent.groupWait, ...perLevel(config.group_wait) },
    groupInterval: positive(config.group_interval, 'group_interval', place) ?? parent.groupInterval,
    repeat: repeatOf(config, place),
    mute: config.mute === undefined ? parent.mute : windowsOf(config.mute, 'mute', place),
    active: config.active === undefined ? undefined : windowsOf(config.active, 'active', place),
    escalations: escalationsOf(config, receivers, place),
    isContinued: config.continue,
    routes: [],
  };
  const routes = (config.routes ?? []).map((child, index) =>
    compileRoute(child, { ...place, parent: route, path: [...path, 'routes', index] }),
  );
  return { ...route, routes };
}

function idOf({ name, match }: RouteConfig, { parent, path, ids, report }: Place): string {
  if (name !== undefined && ids.has(name)) {
    report({ path: [...path, 'name'], message: `There is another route named "${name}"` });
  }
  const wanted = name ?? `${parent.id}/${formatMatch(match ?? {}) || '*'}`;
  let id = wanted;
  for (let count = 2; ids.has(id); count += 1) id = `${wanted}#${count}`;
  ids.add(id);
  return id;
}

/** Those that exist, each once. */
function known(names: readonly string[], key: string, place: Place): readonly string[] {
  const { path, receivers, nearest, report } = place;
  for (const [index, name] of names.entries()) {
    const at = names.length === 1 ? [...path, key] : [...path, key, index];
    if (!receivers.includes(name)) report({ path: at, ...unknown('notifier', name, receivers, nearest) });
    if (names.indexOf(name) < index) report({ path: at, message: `"${name}" is named twice` });
  }
  return [...new Set(names)].filter((name) => receivers.includes(name));
}

function unknown(what: string, name: string, names: readonly string[], nearest: Nearest) {
  const near = nearest(name, names);
  const all =
    names.length === 0 ? `there is no ${what}` : `there ${names.length === 1 ? 'is' : 'are'} ${names.join(', ')}`;
  const hint = near === undefined ? all : `did you mean "${near}"?`;
  return { message: `There is no ${what} named "${name}"`, hint };
}

function groupByOf(names: readonly string[], { path, report }: Place): Route['groupBy'] {
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) < index) {
      report({ path: [...path, 'group_by', index], message: `"${name}" is named twice` });
    }
  }
  if (!names.includes(ALL_LABELS)) return [...new Set(names)];
  if (names.length > 1) {
    const hint = 'leave the other labels out, or leave "..." out';
    report({ path: [...path, 'group_by'], message: `"${ALL_LABELS}" means all labels, so it stands alone`, hint });
  }
  return undefined;
}

function perLevel<T>(given: T | { readonly [Level in AlertLevel]?: T | undefined } | undefined) {
  const times: Partial<Record<AlertLevel, T>> = {};
  for (const level of ALERT_LEVELS) {
    const time = isPerLevel(given) ? given[level] : given;
    if (time !== undefined) times[level] = time;
  }
  return times;
}

function isPerLevel<T>(given: T | { readonly [Level in AlertLevel]?: T | undefined } | undefined): given is {
  readonly [Level in AlertLevel]?: T | undefined;
} {
  return typeof given === 'object';
}

function positive(ms: number | undefined, key: string, { path, report }: Place): number | undefined {
  if (ms === undefined || ms > 0) return ms;
  report({ path: [...path, key], message: `"${key}" must be longer than nothing` });
  return undefined;
}

function repeatOf({ repeat }: RouteConfig, place: Place): RepeatTimes {
  const times: Partial<Record<AlertLevel, number>> = { ...place.parent.repeat };
  for (const [level, given] of Object.entries(perLevel(repeat)) as [AlertLevel, number | 'never'][]) {
    const path = typeof repeat === 'object' ? [...place.path, 'repeat', level] : [...place.path, 'repeat'];
    if (given === 0)
      place.report({ path, message: '"repeat" must be longer than nothing', hint: 'write never for none' });
    times[level] = given === 'never' ? Infinity : given;
  }
  return times;
}

function windowsOf(names: readonly string[], key: string, { path, windows, nearest, report }: Place) {
  return names.flatMap((name, index) => {
    const window = windows.get(name);
    if (window !== undefined) return [window];
    const at = names.length === 1 ? [...path, key] : [...path, key, index];
    report({ path: at, ...unknown('time window', name, [...windows.keys()], nearest) });
    return [];
  });
}

function escalationsOf({ escalate }: RouteConfig, receivers: readonly string[], place: Place): readonly Escalation[] {
  if (escalate === undefined) return place.parent.escalations;
  return escalate.map(({ after, unless, notify }, index) => {
    const path: Path = [...place.path, 'escalate', index];
    positive(after, 'after', { ...place, path });
    const names = known(notify, 'notify', { ...place, path });
    for (const name of names) {
      if (receivers.includes(name)) {
        place.report({ path: [...path, 'notify'], message: `"${name}" is notified from the beginning already` });
      }
    }
    return { after, unless, receivers: names };
  });
}
