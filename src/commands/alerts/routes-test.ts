/** `healthd routes test`: the routes, groups and receivers of an alert with these labels. */
import { routesFor } from '../../alerts/audience/match-routes.ts';
import { repeatAfter, type Route } from '../../alerts/audience/routing.ts';
import { formatDuration } from '../../core/duration.ts';
import { ALERT_LEVELS, type AlertLevel } from '../../plugin/notification.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';
import { readConfig } from '../read-config.ts';

import { parseLabels } from './labels.ts';

export interface RoutesTestInput extends ConfigOptions {
  /** `label=value`. */
  readonly labels: readonly string[];
}

export async function routesTest(input: RoutesTestInput, terminal: Terminal): Promise<ExitCode> {
  const { alerts } = await readConfig(input, terminal);
  const labels = parseLabels(input.labels);
  const answers = routesFor(alerts.routing, labels).flatMap(({ route, groupKey }) => [
    `route: ${route.path.join(' → ')}`,
    `  receivers: ${route.receivers.join(', ') || 'none'}`,
    `  group: ${groupKey}`,
    ...timerLines(route, levelOf(labels['level'])).map((line) => `  ${line}`),
  ]);
  terminal.stdout.write(`${answers.join('\n')}\n`);
  return EXIT.ok;
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
