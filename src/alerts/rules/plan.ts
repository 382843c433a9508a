/** The operands of a rule, and the evaluator for them. */
import { ALERT_LEVELS, type AlertLevel } from '../../plugin/notification.ts';

import { calculationOf } from './calculation.ts';
import type { Condition, Direction, LevelThresholds } from './conditions.ts';
import type { FieldRef } from './fields.ts';
import { hostsOf, refuseBesideHosts } from './over-hosts.ts';
import { isThreshold, levelThresholds, readLimit, thresholdOf } from './level-thresholds.ts';
import type { Expression } from './expression.ts';
import { ExpressionEvaluator } from './expression-evaluator.ts';
import { NamingEvaluator } from './naming-evaluator.ts';
import { numberEvaluators, type NumberPlan, type WindowPlan } from './number-evaluator.ts';
import { guarded, RuleFault } from './rule-fault.ts';
import type { Evaluator, OverHosts } from './rule.ts';
import type { RuleConfig } from './schema.ts';
import { ValueEvaluator } from './value-evaluator.ts';

type Path = readonly (string | number)[];

export interface Plan {
  /** Undefined for a rule with `when`. */
  readonly metric: FieldRef | undefined;
  /** Operand → field. */
  readonly operands: readonly { readonly measurement: string; readonly field: string }[];
  readonly levels: readonly AlertLevel[];
  readonly unit: string;
  readonly direction: Direction | undefined;
  readonly thresholds: LevelThresholds;
  /** Of `and`. */
  readonly conditions: readonly FieldCondition[];
  readonly hosts?: OverHosts;
  createEvaluator(isFiring: boolean): Evaluator;
}

export interface FieldCondition extends Condition {
  readonly field: FieldRef;
}

/** Keys that would silently be ignored. */
const NO_EFFECT_WITH: Readonly<Partial<Record<keyof RuleConfig, readonly (keyof RuleConfig)[]>>> = {
  predict: ['window', 'baseline'],
  equals: ['calc', 'window', 'baseline'],
  deadman: ['calc', 'window', 'baseline', 'across', 'and', 'for', 'keep_firing_for', 'no_data', 'series_gone'],
};

export type FindField = (metric: string, path: Path) => FieldRef;

/** @throws RuleFault */
export async function planOf(config: RuleConfig, find: FindField): Promise<Plan> {
  if (config.when !== undefined) {
    if (config.hosts !== undefined) refuseBesideHosts(config);
    return expressionPlan(config, config.when, find);
  }
  if (config.metric === undefined) {
    throw new RuleFault(
      'The rule has neither "metric" nor "when", so there is nothing to evaluate',
      [],
      'write "metric: cpu.usage_idle"',
    );
  }
  const metric = find(config.metric, ['metric']);
  if (config.hosts !== undefined) return hostsPlan(config, config.hosts, metric);
  const operands: { measurement: string; field: string }[] = [metric];
  const conditions = conditionsOf(config, operands, find);
  refuseForeign(config, metric, operands);
  refuseAmbiguity(config);
  if (config.deadman !== undefined) return deadmanPlan(metric, operands);
  if (config.equals !== undefined) return valuePlan(config, config.equals, metric, operands, conditions);
  return numberPlan(config, metric, operands, conditions);
}

function refuseAmbiguity(config: RuleConfig): void {
  const isGiven = (key: keyof RuleConfig) => config[key] !== undefined;
  const kinds = (['above', 'below', 'equals', 'predict', 'deadman'] as const).filter(isGiven);
  if (kinds.length !== 1) {
    const found = kinds.length === 0 ? 'none of them' : kinds.map((key) => `"${key}"`).join(' and ');
    throw new RuleFault(
      `A rule must have one of "above", "below", "equals", "predict" and "deadman", but has ${found}`,
      [],
    );
  }
  const [ignored] = (NO_EFFECT_WITH[kinds[0] ?? 'above'] ?? []).filter(isGiven);
  if (ignored !== undefined) {
    throw new RuleFault(`"${ignored}" has no effect with "${kinds.join('')}"`, [ignored], 'remove it');
  }
}

/** The value over hosts is compared like that of a series. */
async function hostsPlan(
  config: RuleConfig,
  written: NonNullable<RuleConfig['hosts']>,
  metric: FieldRef,
): Promise<Plan> {
  refuseBesideHosts(config);
  refuseAmbiguity(config);
  const { hosts, operands, unit } = await hostsOf(config, written, metric);
  const over = { ...config, calc: undefined, unit: config.unit ?? (config.baseline === undefined ? unit : '') };
  const plan = await numberPlan(over, { ...metric, spec: undefined }, [metric], []);
  const createEvaluator = (isFiring: boolean) => new NamingEvaluator(plan.createEvaluator(isFiring));
  return { ...plan, metric, operands, hosts, createEvaluator };
}

async function numberPlan(
  config: RuleConfig,
  metric: FieldRef,
  operands: { measurement: string; field: string }[],
  conditions: readonly FieldCondition[],
): Promise<Plan> {
  refuseString(metric);
  // A ratio to the baseline has no unit.
  const unit = config.unit ?? (config.baseline === undefined ? metric.spec?.unit : undefined) ?? '';
  const compared = { operands, calculate: await calculationOf(config, operands), conditions, across: config.across };
  return config.predict === undefined
    ? thresholdPlan(config, metric, unit, compared)
    : predictionPlan(config.predict, metric, unit, compared);
}

type Compared = Pick<NumberPlan, 'calculate' | 'across'> & Pick<Plan, 'operands' | 'conditions'>;

function thresholdPlan(config: RuleConfig, metric: FieldRef, unit: string, { operands, ...compared }: Compared): Plan {
  const direction: Direction = config.above === undefined ? 'below' : 'above';
  const thresholds = levelThresholds(config[direction], direction, unit, [direction]);
  const plan: NumberPlan = {
    ...compared,
    window: windowPlan(config.window),
    baseline: windowPlan(config.baseline),
    direction,
    thresholds,
    predict: undefined,
  };
  const levels = ALERT_LEVELS.filter((level) => thresholds[level] !== undefined);
  const { conditions } = compared;
  return { metric, operands, levels, unit, direction, thresholds, conditions, createEvaluator: numberEvaluators(plan) };
}

function windowPlan(config: RuleConfig['window']): WindowPlan | undefined {
  return config === undefined ? undefined : { length: config.of, fn: config.fn, coverage: config.coverage };
}

function predictionPlan(
  { window, coverage, reaches, within }: NonNullable<RuleConfig['predict']>,
  metric: FieldRef,
  unit: string,
  { operands, ...compared }: Compared,
): Plan {
  const times = withoutUndefined(within);
  const plan: NumberPlan = {
    ...compared,
    window: { length: window, fn: 'last', coverage },
    baseline: undefined,
    direction: 'above',
    thresholds: {},
    predict: { reaches: readLimit(reaches, unit, ['predict', 'reaches']), within: times },
  };
  const levels = ALERT_LEVELS.filter((level) => times[level] !== undefined);
  return {
    metric,
    operands,
    levels,
    unit,
    direction: undefined,
    thresholds: {},
    conditions: compared.conditions,
    createEvaluator: numberEvaluators(plan),
  };
}

function refuseString({ spec, measurement, field }: FieldRef): void {
  if (spec?.type !== 'string') return;
  const name = `${measurement}.${field}`;
  throw new RuleFault(`"${name}" is a string and cannot be compared with a number`, ['metric'], 'use "equals"');
}

/** No value is bad; only missing data is. */
function deadmanPlan(metric: FieldRef, operands: Plan['operands']): Plan {
  const createEvaluator = (): Evaluator => {
    let last: number | undefined;
    return {
      add(_operand, value) {
        last = typeof value === 'number' ? value : undefined;
      },
      judge: () => ({ reached: 'ok', held: 'ok', value: last }),
    };
  };
  return {
    metric,
    operands,
    levels: [],
    unit: metric.spec?.unit ?? '',
    direction: undefined,
    thresholds: {},
    conditions: [],
    createEvaluator,
  };
}

function valuePlan(
  config: RuleConfig,
  equals: NonNullable<RuleConfig['equals']>,
  metric: FieldRef,
  operands: readonly { measurement: string; field: string }[],
  conditions: readonly FieldCondition[],
): Plan {
  const bad = Object.fromEntries(
    Object.entries(withoutUndefined(equals)).map(([level, values]) => [level, [values].flat().map(String)]),
  );
  return {
    metric,
    operands,
    levels: ALERT_LEVELS.filter((level) => bad[level] !== undefined),
    unit: config.unit ?? '',
    direction: undefined,
    thresholds: {},
    conditions,
    createEvaluator: (isFiring) =>
      new ValueEvaluator(
        { bad, afterChange: config.after_change ?? false, conditions, across: config.across },
        isFiring,
      ),
  };
}

async function expressionPlan(
  config: RuleConfig,
  when: NonNullable<RuleConfig['when']>,
  find: FindField,
): Promise<Plan> {
  const { compileExpression, fieldsIn } = await import('./expression.ts');
  const operands = new Map<string, { measurement: string; field: string }>();
  const compileAll = (key: 'when' | 'clear', texts: Partial<Record<AlertLevel, string | undefined>>) =>
    Object.fromEntries(
      Object.entries(withoutUndefined(texts)).map(([level, text]) => {
        const refs = fieldsIn(text).map((name) => [name, find(name, [key, level])] as const);
        for (const [name, ref] of refs) operands.set(name, ref);
        const variables = Object.fromEntries(refs.map(([, { measurement }]) => [measurement, 'map'] as const));
        return [level, guarded([key, level], () => compileExpression(text, variables, 'bool'))];
      }),
    ) as Partial<Record<AlertLevel, Expression>>;
  const compiled = { when: compileAll('when', when), clear: compileAll('clear', config.clear ?? {}) };
  const list = [...operands.values()];
  return {
    metric: undefined,
    operands: list,
    levels: ALERT_LEVELS.filter((level) => when[level] !== undefined),
    unit: '',
    direction: undefined,
    thresholds: {},
    conditions: [],
    createEvaluator: () => new ExpressionEvaluator({ ...compiled, operands: list }),
  };
}

function conditionsOf(
  config: RuleConfig,
  operands: { measurement: string; field: string }[],
  find: FindField,
): readonly FieldCondition[] {
  return [config.and ?? []].flat().map((written, index) => {
    const path = Array.isArray(config.and) ? ['and', index] : ['and'];
    const field = find(written.metric, [...path, 'metric']);
    const direction: Direction = written.above === undefined ? 'below' : 'above';
    const limits = written[direction];
    if (limits === undefined || (written.above !== undefined && written.below !== undefined)) {
      throw new RuleFault('A condition must have either "above" or "below"', path);
    }
    const [unit, place] = [field.spec?.unit ?? '', [...path, direction]];
    operands.push(field);
    return {
      field,
      operand: operands.length - 1,
      direction,
      thresholds: isThreshold(limits)
        ? thresholdOf(limits, direction, unit, place)
        : levelThresholds(limits, direction, unit, place),
    };
  });
}

/** A condition on another measurement needs `group_by`: the tags by which its series are joined to the alert. */
function refuseForeign(config: RuleConfig, metric: FieldRef, operands: readonly { measurement: string }[]): void {
  const foreign = operands.find(({ measurement }) => measurement !== metric.measurement);
  if (foreign === undefined || config.group_by !== undefined) return;
  throw new RuleFault(
    `The condition is on another measurement ("${foreign.measurement}"), so "group_by" must name the tags that both have`,
    ['and'],
  );
}

function withoutUndefined<T>(
  levels: Readonly<Partial<Record<AlertLevel, T | undefined>>>,
): Partial<Record<AlertLevel, T>> {
  const given = Object.entries(levels).filter((entry): entry is [AlertLevel, T] => entry[1] !== undefined);
  return Object.fromEntries(given);
}
