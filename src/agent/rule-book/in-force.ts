/** The rules in force, with the series that each compares with its limits. */
import type { Compared, Rule } from '../../alerts/rules/rule.ts';
import type { RuleInfo } from '../../api/rules.ts';
import { formatSeriesName } from '../../api/series-name.ts';
import type { KnownSet } from '../../history/access.ts';

/** Series that are named for a rule. */
const MOST_SERIES = 50;
/** Sets of a measurement that are looked at: a rule may match none of a hundred thousand. */
const MOST_SETS = 2000;

export function ruleInfos(rules: readonly Rule[], sets: readonly KnownSet[]): RuleInfo[] {
  const byMeasurement = new Map<string, KnownSet[]>();
  for (const known of sets) {
    const { host, name } = known.set;
    if (host !== '') continue;
    const list = byMeasurement.get(name) ?? [];
    if (list.length < MOST_SETS) list.push(known);
    byMeasurement.set(name, list);
  }
  return rules.map((rule) => infoOf(rule, (measurement) => byMeasurement.get(measurement) ?? []));
}

function infoOf(rule: Rule, setsOf: (measurement: string) => readonly KnownSet[]): RuleInfo {
  const { id, direction, unit, thresholds, timing, groupBy, compared } = rule;
  const waits = Object.values(timing.for);
  return {
    id,
    ...(direction === undefined ? {} : { direction }),
    unit,
    limits: thresholds,
    for: waits.length === 0 ? 0 : Math.min(...waits),
    ...(groupBy === undefined ? {} : { groupBy: [...groupBy] }),
    ...(compared === undefined ? {} : { compared: comparedInfo(rule, compared, setsOf(compared.measurement)) }),
  };
}

function comparedInfo(rule: Rule, { measurement, field, isRate, from }: Compared, sets: readonly KnownSet[]) {
  const watched = sets.filter(
    ({ set, fields }) => fields.some(({ name }) => name === field) && rule.watch(measurement, set.tags) !== undefined,
  );
  return {
    field: `${measurement}.${field}`,
    isRate,
    ...(from === undefined ? {} : { from }),
    series: watched
      .slice(0, MOST_SERIES)
      .map(({ set: { tags } }) => formatSeriesName({ measurement, field, tags: { ...tags } })),
  };
}
