/** A threshold as it is written in the configuration. */
import type { RuleDraft } from '../../api/answers.ts';

/** Without a metric it changes the limits of a rule that exists, such as one of the stock rules. */
export function ruleYaml({ id, metric, direction, for: wait, ...limits }: RuleDraft): string {
  const head =
    metric === undefined ? [`- override: ${scalar(id)}`] : [`- id: ${scalar(id)}`, `  metric: ${scalar(metric)}`];
  const levels = (['warning', 'critical'] as const).flatMap((level) => {
    const limit = limits[level];
    return limit === undefined ? [] : [`    ${level}: ${scalar(limit)}`];
  });
  const lines = [...head, `  ${direction}:`, ...levels, ...(wait === undefined ? [] : [`  for: ${scalar(wait)}`])];
  return ['alerts:', '  rules:', ...lines.map((line) => `    ${line}`), ''].join('\n');
}

/** Plain where YAML reads it as the same text or number. */
function scalar(text: string): string {
  return /^[A-Za-z0-9][\w.%/-]*$/.test(text) && !/^(true|false|null|yes|no|on|off)$/i.test(text)
    ? text
    : JSON.stringify(text);
}
