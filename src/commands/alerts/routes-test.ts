/** `healthd routes test`: the routes, groups and receivers of an alert with these labels. */
import { ANY_MATCH, matchableOf, unmatchable } from '../../alerts/audience/check-matches.ts';
import { isActive, routesFor } from '../../alerts/audience/match-routes.ts';
import { repeatAfter, type ConfiguredSilence, type Route, type Routing } from '../../alerts/audience/routing.ts';
import { systemClock } from '../../core/clock.ts';
import { formatDuration } from '../../core/duration.ts';
import type { Tags } from '../../metric/metric.ts';
import { ALERT_LEVELS, type AlertLevel } from '../../plugin/notification.ts';
import { nearest } from '../../registry/nearest.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';
import { readConfig } from '../read-config.ts';
import { parseTimeAhead } from '../time.ts';

import { parseLabels } from './labels.ts';
import { print } from '../print.ts';

export interface RoutesTestInput extends ConfigOptions {
  /** `label=value`. */
  readonly labels: readonly string[];
  /** For time windows and silences. Default: now. */
  readonly at?: string;
}

export async function routesTest(input: RoutesTestInput, terminal: Terminal): Promise<ExitCode> {
  const { alerts, hub } = await readConfig(input, terminal);
  const labels = parseLabels(input.labels);
  const matchable = hub === undefined ? matchableOf(alerts.rules) : ANY_MATCH;
  for (const { message, hint } of unmatchable(labels, matchable, nearest))
    print(terminal.stderr, [message, hint].filter(Boolean).join('; '));
  const now = systemClock.now();
  const at = input.at === undefined ? now : parseTimeAhead(input.at, now);
  const answers = routesFor(alerts.routing, labels, at).flatMap(({ route, groupKey }) => [
    `route: ${route.path.join(' → ')}`,
    `  receivers: ${route.receivers.join(', ') || 'none'}`,
    `  at ${new Date(at).toISOString()}: ${answerAt(route, silencesOf(alerts.routing, labels, at), at)}`,
    `  group: ${groupKey}`,
    ...timerLines(route, levelOf(labels['level'])).map((line) => `  ${line}`),
  ]);
  print(terminal.stdout, answers.join('\n'));
  return EXIT.ok;
}

function silencesOf({ silences }: Routing, labels: Tags, at: number): readonly ConfiguredSilence[] {
  return silences.filter(({ from = -Infinity, until, matches }) => from <= at && at < until && matches(labels));
}

/** Silences made by command are known to the daemon only. */
function answerAt(route: Route, silences: readonly ConfiguredSilence[], at: number): string {
  const { receivers, mute, active = [] } = route;
  const muted = mute.filter((window) => window.isOpen(at));
  const reasons = [
    ...(muted.length === 0 ? [] : [`muted during ${namesOf(muted)}`]),
    ...(isActive(route, at) ? [] : [`active only during ${namesOf(active)}`]),
    ...silences.map(({ by, comment }) => `silenced by ${by}: ${comment}`),
  ];
  if (reasons.length > 0) return `not notified, ${reasons.join(', ')}`;
  return receivers.length === 0 ? 'not notified, no receivers' : 'notified';
}

/** Default, also for an invalid level: warning. */
function levelOf(level: string | undefined): AlertLevel {
  return ALERT_LEVELS.find((each) => each === level) ?? 'warning';
}

function timerLines(route: Route, level: AlertLevel): readonly string[] {
  const { groupWait, groupInterval, mute, active, escalations } = route;
  const repeat = repeatAfter(route, undefined, level);
  return [
    `first notification after ${formatDuration(groupWait[level])}, updates at most every ${formatDuration(groupInterval)}`,
    Number.isFinite(repeat) ? `repeated every ${formatDuration(repeat)}` : 'not repeated',
    ...(mute.length === 0 ? [] : [`muted during ${namesOf(mute)}`]),
    ...(active === undefined ? [] : [`active only during ${namesOf(active)}`]),
    ...escalations.map(({ after, unless, receivers }) => {
      const condition = unless === 'acked' ? ' unless acknowledged' : '';
      return `escalates after ${formatDuration(after)}${condition}: ${receivers.join(', ')}`;
    }),
  ];
}

function namesOf(windows: readonly { readonly name: string }[]): string {
  return windows.map(({ name }) => name).join(', ');
}
