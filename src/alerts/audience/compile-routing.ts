/** Configuration → routing. All mistakes are reported; what is wrong is left out of the result. */
import { formatMatch } from './matchers.ts';
import { checkedMatch, type Nearest, type Report, type RoutingProblem } from './problems.ts';
import { compileRoot } from './compile-route.ts';
import { compileWindows } from './compile-windows.ts';
import type { ConfiguredSilence, Inhibition, ReceiverSettings, Route, Routing } from './routing.ts';
import type { RoutingConfig } from './schema.ts';

export interface CompiledRouting {
  readonly routing: Routing;
  readonly problems: readonly RoutingProblem[];
}

/** What explains everything else on a host explains it by itself, without being configured. */
const BUILT_IN: RoutingConfig['inhibit'] = [
  { when: { rule: 'host_down' }, mute: { rule: '*' }, same: ['host'] },
  { when: { rule: 'hub_isolated' }, mute: { rule: 'host_down' }, same: [] },
];

export function compileRouting(
  config: RoutingConfig,
  receivers: readonly ReceiverSettings[],
  nearest: Nearest,
): CompiledRouting {
  const problems: RoutingProblem[] = [];
  const report: Report = (problem) => problems.push(problem);
  const windows = compileWindows(config.time_windows, nearest, report);
  const names = receivers.map(({ name }) => name);
  const root = compileRoot(config.route, { windows, receivers: names, nearest, report });
  const routing: Routing = {
    root,
    routes: new Map(flatten(root).map((route) => [route.id, route])),
    inhibitions: [
      ...config.inhibit.flatMap((one, index) => compileInhibition(one, ['inhibit', index], report)),
      ...BUILT_IN.flatMap((one) => compileInhibition(one, [], report)),
    ],
    silences: config.silences.flatMap((one, index) => compileSilence(one, index, report)),
    receivers: new Map(receivers.map((receiver) => [receiver.name, receiver])),
  };
  return { routing, problems };
}

function flatten(route: Route): readonly Route[] {
  return [route, ...route.routes.flatMap(flatten)];
}

function compileInhibition(
  { when, mute, same }: RoutingConfig['inhibit'][number],
  path: RoutingProblem['path'],
  report: Report,
): readonly Inhibition[] {
  for (const [key, match] of Object.entries({ when, mute })) {
    if (formatMatch(match) === '') {
      report({ path: [...path, key], message: `"${key}" is empty`, hint: 'write a label, such as rule: "*" for all' });
    }
  }
  const matchers = {
    when: checkedMatch(when, [...path, 'when'], report),
    mute: checkedMatch(mute, [...path, 'mute'], report),
  };
  if (matchers.when === undefined || matchers.mute === undefined) return [];
  return [{ when: matchers.when, mute: matchers.mute, same }];
}

function compileSilence(
  { match, from, until, comment, by }: RoutingConfig['silences'][number],
  index: number,
  report: Report,
): readonly ConfiguredSilence[] {
  const path = ['silences', index];
  if (Object.keys(match).length === 0) {
    const hint = 'name a label, or write rule: "*" for everything';
    report({ path: [...path, 'match'], message: 'A silence without a label would cover everything', hint });
    return [];
  }
  if (from !== undefined && from >= until) {
    report({ path: [...path, 'until'], message: 'The silence ends before it begins' });
  }
  const matches = checkedMatch(match, [...path, 'match'], report);
  return matches === undefined ? [] : [{ match, matches, from, until, comment, by }];
}
