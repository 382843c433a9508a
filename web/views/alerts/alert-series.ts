/** Which series an alert is about: those that its rule watches and its tags name. */
import type { RuleInfo } from '../../api/answers.ts';
import type { ChartLine, ChartSpec, SeriesColor } from '../../chart/model.ts';
import { gauge, rate } from '../../store/formula.ts';
import { rules } from '../../store/rules.ts';
import { parseSeriesName } from '../../store/series-name.ts';
import { chartOf } from '../time/named-charts.ts';

import type { ShownAlert } from './shown.ts';

const MOST_LINES = 5;

type Compared = NonNullable<RuleInfo['compared']>;
type About = Pick<ShownAlert, 'rule' | 'tags' | 'finding'>;

/** Empty if no series shows what the rule compares. At most 5. */
export function alertSeries({ rule, tags, finding }: About): readonly string[] {
  if (finding?.series !== undefined) return [finding.series];
  const { compared } = ruleOf(rule) ?? {};
  const wanted = Object.entries(tags).filter(([key]) => key !== 'host');
  const isMeant = (name: string) => {
    const own = parseSeriesName(name)?.tags ?? {};
    return wanted.every(([key, value]) => own[key] === value);
  };
  return (compared?.series ?? []).filter(isMeant).slice(0, MOST_LINES);
}

export function ruleOf(id: string) {
  return rules.value.find((rule) => rule.id === id);
}

/** As the rule compares them: rates of counters, and what is left of a whole. */
export function alertChart(about: About): ChartSpec | undefined {
  const names = alertSeries(about);
  const [first] = names;
  const spec = first === undefined ? undefined : chartOf(first);
  const rule = ruleOf(about.rule);
  if (first === undefined || spec === undefined || about.finding?.series !== undefined) return spec;
  return rule?.compared === undefined ? spec : specOf(rule, rule.compared, names, spec);
}

function specOf({ id, unit }: RuleInfo, compared: Compared, names: readonly string[], spec: ChartSpec): ChartSpec {
  const { from } = compared;
  const isOne = names.length === 1;
  return {
    id: `${spec.id} of ${id}`,
    title: from === undefined ? spec.title : `${from} − ${spec.title}`,
    unit,
    scale: unit === 'percent' ? { kind: 'fixed', min: 0, max: 100 } : { kind: 'nice', least: 0 },
    lines: names.map((name, index) => lineOf(name, index, !isOne, compared)),
    ...(isOne && { usual: { name: names[0] ?? '', ...(from !== undefined && { from }) } }),
  };
}

function lineOf(name: string, index: number, isOneOfMany: boolean, { isRate, from }: Compared): ChartLine {
  const formula = isRate ? rate(name) : gauge(name);
  const parts = parseSeriesName(name);
  return {
    label: Object.values(parts?.tags ?? {}).join(' · ') || (parts?.field ?? name),
    color: ((index % MOST_LINES) + 1) as SeriesColor,
    style: isOneOfMany ? 'line' : 'area',
    formula: from === undefined ? formula : { ...formula, from },
  };
}
