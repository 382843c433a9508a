/** `healthd routes test`: which way an alert with these labels would go. */
import { routesFor } from '../../alerts/routing/match-routes.ts';
import { repeatAfter, type Route } from '../../alerts/routing/routing.ts';
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
    `  told: ${route.receivers.join(', ') || 'nobody'}`,
    `  group: ${groupKey}`,
    ...timerLines(route, levelOf(labels['level'])).map((line) => `  ${line}`),
  ]);
  terminal.stdout.write(`${answers.join('\n')}\n`);
  return EXIT.ok;
}

/** Without a level, or with one that is none, as for a warning. */
function levelOf(level: string | undefined): AlertLevel {
  return ALERT_LEVELS.find((each) => each === level) ?? 'warning';
}

function timerLines(route: Route, level: AlertLevel): readonly string[] {
  const { groupWait, groupInterval, mute, active, escalations } = route;
  const repeat = repeatAfter(route, undefined, level);
  return [
    `first after ${formatDuration(groupWait[level])}, then every ${formatDuration(groupInterval)} at most`,
    Number.isFinite(repeat) ? `said again every ${formatDuration(repeat)}` : 'not said again',
    ...(mute.length === 0 ? [] : [`not told during ${namesOf(mute)}`]),
    ...(active === undefined ? [] : [`only told during ${namesOf(active)}`]),
    ...escalations.map(({ after, unless, receivers }) => {
      const condition = unless === 'acked' ? ' unless acknowledged' : '';
      return `after ${formatDuration(after)}${condition}: ${receivers.join(', ')}`;
    }),
  ];
}

function namesOf(windows: readonly { readonly name: string }[]): string {
  return windows.map(({ name }) => name).join(', ');
}
