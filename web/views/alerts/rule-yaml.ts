/** Rules as they are written in the configuration. */

export interface Limits {
  /** `above`: high values are bad. */
  readonly direction: 'above' | 'below';
  /** As typed: `90`, `90%`, `20GiB`; empty for none. */
  readonly warning: string;
  readonly critical: string;
}

export interface NewRule extends Limits {
  readonly id: string;
  readonly metric: string;
  /** How long the limit must be passed, such as `5m`; empty for at once. */
  readonly lasting: string;
}

/** Changes the limits of a rule that exists, such as one of the stock rules. */
export function overrideYaml(rule: string, limits: Limits): string {
  return file([`- override: ${scalar(rule)}`, ...limitLines(limits)]);
}

export function newRuleYaml({ id, metric, lasting, ...limits }: NewRule): string {
  return file([
    `- id: ${scalar(id)}`,
    `  metric: ${scalar(metric)}`,
    ...limitLines(limits),
    ...(lasting === '' ? [] : [`  for: ${scalar(lasting)}`]),
  ]);
}

function limitLines({ direction, warning, critical }: Limits): readonly string[] {
  const levels = [
    ['warning', warning.trim()],
    ['critical', critical.trim()],
  ].filter(([, limit]) => limit !== '');
  return [`  ${direction}:`, ...levels.map(([level = '', limit = '']) => `    ${level}: ${scalar(limit)}`)];
}

function file(lines: readonly string[]): string {
  return ['alerts:', '  rules:', ...lines.map((line) => `    ${line}`), ''].join('\n');
}

/** Plain where YAML reads it as the same text or number. */
function scalar(text: string): string {
  return /^[A-Za-z0-9][\w.%/-]*$/.test(text) && !/^(true|false|null|yes|no|on|off)$/i.test(text)
    ? text
    : JSON.stringify(text);
}
