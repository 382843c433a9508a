/** Matchers of routes, inhibitions and silences that cannot match any alert: mistyped rules, levels and labels. */
import { ALERT_LEVELS } from '../../plugin/notification.ts';

import type { Rule } from '../rules/rule.ts';
import { stockRules } from '../rules/stock.ts';

import type { Nearest, RoutingProblem } from './problems.ts';
import type { Match } from './matchers.ts';
import type { RouteConfig, RoutingConfig } from './schema.ts';

/** What alerts can have. */
export interface Matchable {
  /** Ids of all rules, also of stock rules that are off or lack their input: hosts may share a configuration. Undefined: any. */
  readonly rules: readonly string[] | undefined;
  /** Names of labels; undefined if an alert may have any, since a rule keeps all tags of its series. */
  readonly labels: readonly string[] | undefined;
}

type Path = RoutingProblem['path'];

/** Of rules that are built in, without being stock rules. */
const BUILT_IN_RULES = ['host_down', 'hub_isolated'];

/** At a hub: rules and tags are those of other hosts. */
export const ANY_MATCH: Matchable = { rules: undefined, labels: undefined };

/** @param written ids of the configuration, also of rules that do not compile */
export function matchableOf(rules: readonly Rule[], written: readonly string[] = []): Matchable {
  const stock = stockRules('standard').map(({ id = '' }) => id);
  const isOpen = rules.some(({ groupBy }) => groupBy === undefined);
  const labels = rules.flatMap(({ labels, groupBy = [] }) => [...Object.keys(labels), ...groupBy]);
  return {
    rules: [...new Set([...rules.map(({ id }) => id), ...written, ...stock, ...BUILT_IN_RULES])],
    labels: isOpen ? undefined : [...new Set(['rule', 'level', 'host', ...labels])],
  };
}

export function matchProblems(config: RoutingConfig, matchable: Matchable, nearest: Nearest): RoutingProblem[] {
  return placesOf(config).flatMap(({ path, match }) =>
    unmatchable(match, matchable, nearest).map((fault) => ({ ...fault, path: [...path, ...fault.path] })),
  );
}

/** @returns problems with paths relative to the matcher */
export function unmatchable(match: Match, matchable: Matchable, nearest: Nearest): RoutingProblem[] {
  return Object.entries(match).flatMap(([label, pattern]) => {
    const isList = typeof pattern !== 'string';
    const values = isList ? pattern : [pattern];
    const path = (index: number) => (isList && values.length > 1 ? [label, index] : [label]);
    if (label === 'rule' || label === 'level') {
      const known = label === 'rule' ? matchable.rules : ALERT_LEVELS;
      return values.flatMap((text, index) => {
        const value = plainText(text);
        if (value === undefined || known?.includes(value) !== false) return [];
        const near = nearest(value, known);
        const hint = near === undefined ? listHint(label, known) : `did you mean "${near}"?`;
        return [{ path: path(index), message: `There is no ${label} "${value}"`, hint }];
      });
    }
    // A label that nothing has may still come with a rule of another host; one that is nearly right is a typo.
    const near = matchable.labels?.includes(label) === false ? nearest(label, matchable.labels) : undefined;
    if (near === undefined) return [];
    return [
      { path: [label], message: `No rule gives its alerts the label "${label}"`, hint: `did you mean "${near}"?` },
    ];
  });
}

/** A value without wildcards, also after `!`. The empty text stands for a missing label. */
function plainText(pattern: string): string | undefined {
  const text = pattern.startsWith('!') ? pattern.slice(1) : pattern;
  return text === '' || text.startsWith('~') || /[*?[\]{}\\]/.test(text) ? undefined : text;
}

function listHint(label: string, known: readonly string[]): string {
  return label === 'rule' ? 'list rules with "healthd rules check"' : `levels: ${known.join(', ')}`;
}

interface Place {
  readonly path: Path;
  readonly match: Match;
}

function placesOf({ route, inhibit, silences }: RoutingConfig): readonly Place[] {
  return [
    ...(route === undefined ? [] : placesInRoute(route, ['route'])),
    ...inhibit.flatMap(({ when, mute }, index) => [
      { path: ['inhibit', index, 'when'], match: when },
      { path: ['inhibit', index, 'mute'], match: mute },
    ]),
    ...silences.map(({ match }, index) => ({ path: ['silences', index, 'match'], match })),
  ];
}

function placesInRoute({ match = {}, routes = [] }: RouteConfig, path: Path): readonly Place[] {
  const inner = routes.flatMap((route, index) => placesInRoute(route, [...path, 'routes', index]));
  return [{ path: [...path, 'match'], match }, ...inner];
}
