/** A rule in full sentences, with everything that it takes from defaults. */
import { formatValue } from '../../plugin/message-text.ts';
import { ALERT_LEVELS, type AlertLevel } from '../../plugin/notification.ts';
import { formatDuration } from '../../core/duration.ts';

import type { Rule } from './rule.ts';

/** Lines for `healthd rules explain`. */
export function describeRule(rule: Rule): readonly string[] {
  const { timing, groupBy, noData, seriesGone, labels, context } = rule;
  return [
    rule.id,
    ...ALERT_LEVELS.flatMap((level) => levelLines(rule, level)),
    `  one alert for each ${groupBy === undefined ? 'series' : ['host', ...groupBy].join(' and ')}`,
    `  ends when the clear line was passed for ${formatDuration(timing.keepFiringFor)}`,
    `  no data for ${formatDuration(noData.after)}: ${noData.action === 'alert' ? `alert of level ${noData.level}` : noData.action}`,
    `  this series alone silent for ${formatDuration(seriesGone.after)}: ${seriesGone.action}`,
    ...(context.length === 0 ? [] : [`  captured when it fires: ${context.join(', ')}`]),
    ...(Object.keys(labels).length === 0 ? [] : [`  labels: ${JSON.stringify(labels)}`]),
    ...(rule.notify ? [] : ['  nobody is told; it goes into the history only']),
  ];
}

function levelLines({ thresholds, direction, timing, unit }: Rule, level: AlertLevel): readonly string[] {
  const wait = timing.for[level];
  if (wait === undefined) return [];
  const after = wait === 0 ? 'at once' : `after ${formatDuration(wait)}`;
  const line = thresholds[level];
  if (line === undefined || direction === undefined) return [`  ${level}: ${after}`];
  const back = direction === 'above' ? 'no longer above' : 'no longer below';
  return [
    `  ${level}: ${direction} ${formatValue(line.at, unit)}, ${after}; over when ${back} ${formatValue(line.clear, unit)}`,
  ];
}
