/** `healthd routes test`: which way an alert with these labels would go. */
import { routesFor } from '../../alerts/routing/match-routes.ts';
import { formatDuration } from '../../core/duration.ts';

import { EXIT, type ConfigOptions, type ExitCode, type Terminal } from '../command.ts';
import { readConfig } from '../read-config.ts';

import { parseLabels } from './labels.ts';

export async function routesTest(
  words: readonly string[],
  options: ConfigOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { alerts } = await readConfig(options, terminal);
  const labels = parseLabels(words);
  for (const { route, groupKey } of routesFor(alerts.routing, labels)) {
    const { path, receivers, groupWait, groupInterval } = route;
    const level = labels['level'];
    const wait = level === 'critical' || level === 'info' ? groupWait[level] : groupWait.warning;
    const lines = [
      `route: ${path.join(' → ')}`,
      `  told: ${receivers.join(', ') || 'nobody'}`,
      `  group: ${groupKey}`,
      `  first after ${formatDuration(wait)}, then every ${formatDuration(groupInterval)} at most`,
    ];
    terminal.stdout.write(`${lines.join('\n')}\n`);
  }
  return EXIT.ok;
}
