/** Describes a rule in words: everything that decides, defaults included. */
import { formatDuration } from '../../core/duration.ts';
import { formatValue } from '../../plugin/message-text.ts';
import { ALERT_LEVELS, type AlertLevel } from '../../plugin/notification.ts';

import { selectionText } from './over-hosts.ts';
import { PREDICTION_SLACK } from './number-evaluator.ts';
import type { FieldCondition, Plan } from './plan.ts';
import type { Rule, Threshold } from './rule.ts';
import type { RuleConfig } from './schema.ts';

/** Lines for `healthd rules explain`. */
export function describeRule(rule: Omit<Rule, 'explain'>, config: RuleConfig, plan: Plan): readonly string[] {
  const { timing, noData, seriesGone, labels, context, repeat } = rule;
  return [
    rule.id,
    ...inputLines(config),
    ...hostsLines(config),
    ...plan.conditions.map((condition) => `  only if ${conditionText(condition)}`),
    ...plan.levels.map((level) => `  ${level}: ${levelText(level, rule, config)}`),
    ...earliestLines(rule, config),
    `  one alert per ${groupText(config)}`,
    ...(rule.isDeadman ? [] : [`  resolved ${resolvedText(timing.keepFiringFor)}`]),
    ...(timing.maxGap === undefined ? [] : [`  a gap of ${formatDuration(timing.maxGap)} restarts "for"`]),
    `  no data for ${formatDuration(noData.after)}: ${noData.action === 'alert' ? `alert of level ${noData.level}` : noData.action}`,
    `  series gone for ${formatDuration(seriesGone.after)}: ${seriesGone.action}`,
    ...Object.entries(repeat).map(([level, time]) => `  ${level} is repeated every ${formatDuration(time)}`),
    ...(context.length === 0 ? [] : [`  captured when firing: ${context.join(', ')}`]),
    ...(Object.keys(labels).length === 0 ? [] : [`  labels: ${JSON.stringify(labels)}`]),
    ...(rule.runbook === undefined ? [] : [`  runbook: ${rule.runbook}`]),
    ...(rule.notify ? [] : ['  no notifications, history only']),
  ];
}

/** From the metric to the number or state that is compared. */
function inputLines({ metric, where, calc, across, window, predict, baseline, after_change }: RuleConfig): string[] {
  const share = (coverage: number) => `once ${coverage * 100} % of it has samples`;
  return [
    ...(metric === undefined ? [] : [`  metric: ${metric}`]),
    ...Object.entries(where ?? {}).map(([tag, pattern]) => `  where ${tag}: ${[pattern].flat().join(', ')}`),
    ...(across === undefined ? [] : [`  of all series of an alert: the ${across}`]),
    ...(calc === undefined ? [] : [`  calc: ${calc}`]),
    ...(window === undefined
      ? []
      : [`  window: ${window.fn} of ${formatDuration(window.of)}, ${share(window.coverage)}`]),
    ...(predict === undefined
      ? []
      : [`  prediction: linear, from ${formatDuration(predict.window)}, ${share(predict.coverage)}`]),
    ...(baseline === undefined
      ? []
      : [
          `  compared: the ratio to the ${baseline.fn} of the ${formatDuration(baseline.of)} before, ${share(baseline.coverage)}`,
        ]),
    ...(after_change === true ? ['  only after a good value'] : []),
  ];
}

function hostsLines({ hosts }: RuleConfig): readonly string[] {
  if (hosts === undefined) return [];
  const selected = selectionText(hosts);
  const those = selected === '' ? 'hosts with a value' : `hosts with a value${selected}`;
  const what = { count: `number of ${those}`, share: `percent of hosts that have a value${selected}` };
  const text = hosts.fn === 'count' || hosts.fn === 'share' ? what[hosts.fn] : `${hosts.fn} of the values of all hosts`;
  const fresh = hosts.fresh === undefined ? 'three of its intervals, at least 1m' : formatDuration(hosts.fresh);
  return [`  over hosts: ${text}`, `  a value counts for ${fresh}; values gather for 1m after a start`];
}

/** `disk.free is below 20 GiB (warning), 5 GiB (critical)`. */
function conditionText({ field, direction, thresholds }: FieldCondition): string {
  const unit = field.spec?.unit ?? '';
  const isSingle = 'at' in thresholds;
  const limits = isSingle
    ? limitText(thresholds, unit)
    : Object.entries(thresholds)
        .map(([level, threshold]) => `${limitText(threshold, unit)} for ${level}`)
        .join(', ');
  return `${field.measurement}.${field.field} is ${direction} ${limits}`;
}

function limitText({ at, clear }: Threshold, unit: string): string {
  return `${formatValue(at, unit)} (clears at ${formatValue(clear, unit)})`;
}

function levelText(
  level: AlertLevel,
  { thresholds, direction, timing, unit }: Omit<Rule, 'explain'>,
  config: RuleConfig,
) {
  const wait = timing.for[level] ?? 0;
  const lasting = wait === 0 ? 'at once' : `for ${formatDuration(wait)}`;
  const threshold = thresholds[level];
  if (threshold !== undefined && direction !== undefined) {
    const [at, clear] = [formatValue(threshold.at, unit), formatValue(threshold.clear, unit)];
    return `${direction} ${at}, ${lasting}; cleared when no longer ${direction} ${clear}`;
  }
  const [reached, cleared] = otherTexts(level, config, unit);
  return `${reached}, ${lasting}; cleared when ${cleared}`;
}

/** When a level is reached and when it is cleared, for rules without a threshold. */
function otherTexts(level: AlertLevel, config: RuleConfig, unit: string): readonly [string, string] {
  const { predict, equals, when, clear } = config;
  const within = predict?.within[level];
  if (predict !== undefined && within !== undefined) {
    const target = typeof predict.reaches === 'number' ? formatValue(predict.reaches, unit) : predict.reaches;
    const slack = formatDuration(within * PREDICTION_SLACK);
    return [`reaches ${target} within ${formatDuration(within)}`, `it takes longer than ${slack}`];
  }
  const bad = equals?.[level];
  if (bad !== undefined) return [`equals ${[bad].flat().join(' or ')}`, 'it does not'];
  return [`when ${when?.[level] ?? ''}`, clear?.[level] ?? 'no longer so'];
}

/** After a start, windows have to fill first. */
function earliestLines({ timing, isDeadman, noData }: Omit<Rule, 'explain'>, config: RuleConfig): readonly string[] {
  if (isDeadman) return [`  fires at the earliest ${formatDuration(noData.after)} after the last sample`];
  const { window, predict, baseline } = config;
  const filled = Math.max(
    window === undefined ? 0 : window.of * window.coverage,
    predict === undefined ? 0 : predict.window * predict.coverage,
    baseline === undefined ? 0 : baseline.of * baseline.coverage,
  );
  const times = ALERT_LEVELS.flatMap((level) => {
    const wait = timing.for[level];
    if (wait === undefined) return [];
    return [`${level} ${filled + wait === 0 ? 'with the first sample' : `after ${formatDuration(filled + wait)}`}`];
  });
  const parts = filled === 0 ? '' : ` (${formatDuration(filled)} to fill the window, then "for")`;
  return [`  fires at the earliest: ${times.join(', ')}${parts}`];
}

function resolvedText(keepFiringFor: number): string {
  return keepFiringFor === 0 ? 'as soon as it is cleared' : `when cleared for ${formatDuration(keepFiringFor)}`;
}

function groupText({ group_by, hosts }: RuleConfig): string {
  const tags = (group_by ?? []).map((key) => key.replaceAll('|', ' or '));
  if (hosts !== undefined) return tags.length === 0 ? 'rule' : tags.join(' and ');
  if (group_by === undefined) return 'series';
  return ['host', ...tags].join(' and ');
}
