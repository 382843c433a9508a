/** Runs a test of a rule in simulated time. */
import { nanoseconds } from '../../core/clock.ts';
import type { FieldValue, Metric } from '../../metric/metric.ts';
import { everywhere, findField, isFault, type KnownFields } from '../rules/fields.ts';
import type { Rule } from '../rules/rule.ts';
import { RuleFault } from '../rules/rule-fault.ts';

import { parseSeries } from './series.ts';
import type { Expectation, RuleTest } from './schema.ts';
import { simulate, stageAt, type SimulatedAlert, type Stage } from './simulate.ts';

export interface TrialResult {
  readonly name: string;
  readonly differences: readonly Difference[];
  /** The states of the alert; `at` is ms since the first value. */
  readonly course: readonly Stage[];
}

export interface Difference {
  readonly expected: Expectation;
  readonly was: Pick<Stage, 'status' | 'level'>;
}

/** Time of the first value, ms since the Unix epoch: arbitrary but fixed. */
const START = 1_700_000_000_000;
const DEFAULT_HOST = 'web1';

/** @throws RuleFault for a rule or a series that does not exist, with its path in the test */
export function runTrial(test: RuleTest, rules: readonly Rule[], known: KnownFields): TrialResult {
  const rule = rules.find(({ id }) => id === test.rule);
  if (rule === undefined) throw noSuchRule(test.rule, rules, known);
  const metrics = metricsOf(test, rule, known);
  const until = START + Math.max(...test.expect.map(({ at }) => at));
  const { alerts } = simulate({ rules: [rule], metrics, until, settings: { startupGrace: 0 } });
  const [alert] = alerts;
  if (alert === undefined) {
    throw new RuleFault(
      `The rule "${rule.id}" matches none of these series`,
      ['series'],
      'compare "tags" with the "where" of the rule',
    );
  }
  return {
    name: test.name,
    differences: test.expect.flatMap((expected) => differenceOf(expected, alert)),
    course: alert.course.map((stage) => ({ ...stage, at: stage.at - START })),
  };
}

function differenceOf(expected: Expectation, alert: SimulatedAlert): readonly Difference[] {
  const { status, level } = stageAt(alert, START + expected.at);
  const isMet = expected.status === status && (expected.level ?? level) === level;
  return isMet ? [] : [{ expected, was: { status, level } }];
}

/** @throws RuleFault */
function metricsOf(test: RuleTest, rule: Rule, known: KnownFields): readonly Metric[] {
  const { series, hosts, tags } = test;
  const isOverHosts = Object.keys(hosts).length > 0;
  if (isOverHosts && rule.hosts === undefined)
    throw new RuleFault(`The rule "${rule.id}" is not across hosts`, ['hosts'], 'write "series" for one host');
  if (isOverHosts === Object.keys(series).length > 0)
    throw new RuleFault('A test must have either "series" or "hosts"', []);
  if (!isOverHosts) return metricsOfHost(test, { series, tags: { host: DEFAULT_HOST, ...tags } }, ['series'], known);
  const everywhereKnown = everywhere(known);
  return Object.entries(hosts).flatMap(([host, ofHost]) =>
    metricsOfHost(test, { series: ofHost, tags: { ...tags, host } }, ['hosts', host], everywhereKnown),
  );
}

/** Fields of one measurement are one metric, as an input reports them. */
function metricsOfHost(
  { interval }: RuleTest,
  { series, tags }: Pick<RuleTest, 'series' | 'tags'>,
  place: readonly string[],
  known: KnownFields,
): readonly Metric[] {
  const points = new Map<string, Metric & { readonly fields: Record<string, FieldValue> }>();
  for (const [name, written] of Object.entries(series)) {
    const path = [...place, name];
    const found = findField(name, known);
    if (isFault(found)) throw new RuleFault(found.message, path, found.hint);
    const { measurement, field, spec } = found;
    for (const [index, value] of valuesOf(written, spec, path).entries()) {
      if (value === undefined) continue;
      const time = nanoseconds(START + index * interval);
      const key = `${measurement} ${index}`;
      const point = points.get(key) ?? { name: measurement, tags, fields: {}, time };
      point.fields[field] = value;
      points.set(key, point);
    }
  }
  return [...points.values()];
}

function valuesOf(...[written, spec, path]: [...Parameters<typeof parseSeries>, readonly string[]]) {
  try {
    return parseSeries(written, spec);
  } catch (error) {
    throw new RuleFault((error as Error).message, path);
  }
}

function noSuchRule(id: string, rules: readonly Rule[], { nearest }: KnownFields): RuleFault {
  const ids = rules.map((rule) => rule.id);
  const near = nearest(id, ids);
  const all = ids.length === 0 ? 'there are no rules' : `rules: ${ids.join(', ')}`;
  return new RuleFault(`There is no rule "${id}"`, ['rule'], near === undefined ? all : `did you mean "${near}"?`);
}
