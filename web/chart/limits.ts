/** The limits of the rules in force, as lines of the charts that show what they compare. */
import { valueBeside } from '../format/value.ts';
import type { RuleInfo } from '../api/answers.ts';

import type { ChartSpec, Threshold } from './model.ts';

/** Levels that ask for somebody; what only informs has no line. */
const LEVELS = ['warning', 'critical'] as const;

export function withLimits(spec: ChartSpec, rules: readonly RuleInfo[]): ChartSpec {
  const found = rules.flatMap((rule) => (isShown(spec, rule) ? limitsOf(rule) : []));
  const thresholds = [...new Map(found.map((one) => [`${one.value} ${one.level}`, one])).values()];
  return thresholds.length === 0 ? spec : { ...spec, thresholds };
}

export function limitsOf({ limits, unit }: Pick<RuleInfo, 'limits' | 'unit'>): readonly Threshold[] {
  return LEVELS.flatMap((level) => {
    const limit = limits[level];
    return limit === undefined
      ? []
      : [{ value: limit.at, level, label: `${valueBeside(limit.at, unit, limit.clear)} ${level}` }];
  });
}

/** Whether a line, or the whole of a stack, is what the rule compares. */
function isShown({ lines, usual }: ChartSpec, { compared }: RuleInfo): boolean {
  if (compared === undefined) return false;
  const { series, isRate, from } = compared;
  if (usual !== undefined && usual.from === from && from !== undefined && series.includes(usual.name)) return true;
  return lines.some(({ style, formula: { terms, over, ...formula } }) => {
    const [term, ...others] = terms;
    if (term === undefined || others.length > 0 || over !== undefined) return false;
    if (style === 'stack' || style === 'mirror') return false;
    return formula.isRate === isRate && formula.from === from && series.includes(term.name);
  });
}
