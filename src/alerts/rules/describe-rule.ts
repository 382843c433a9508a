/** Describes a rule in words, including its defaults. */
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
    `  one alert per ${groupBy === undefined ? 'series' : ['host', ...groupBy].join(' and ')}`,
    `  resolved when cleared for ${formatDuration(timing.keepFiringFor)}`,
    `  no data for ${formatDuration(noData.after)}: ${noData.action === 'alert' ? `alert of level ${noData.level}` : noData.action}`,
    `  series gone for ${formatDuration(seriesGone.after)}: ${seriesGone.action}`,
    ...(context.length === 0 ? [] : [`  captured when firing: ${context.join(', ')}`]),
    ...(Object.keys(labels).length === 0 ? [] : [`  labels: ${JSON.stringify(labels)}`]),
    ...(rule.notify ? [] : ['  no notifications, history only']),
  ];
}

function levelLines({ thresholds, direction, timing, unit }: Rule, level: AlertLevel): readonly string[] {
  const wait = timing.for[level];
  if (wait === undefined) return [];
  const after = wait === 0 ? 'immediately' : `after ${formatDuration(wait)}`;
  const threshold = thresholds[level];
  if (threshold === undefined || direction === undefined) return [`  ${level}: ${after}`];
  const [at, clear] = [formatValue(threshold.at, unit), formatValue(threshold.clear, unit)];
  return [`  ${level}: ${direction} ${at}, ${after}; cleared when no longer ${direction} ${clear}`];
}
