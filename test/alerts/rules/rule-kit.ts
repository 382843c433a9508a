/** Compiles rules as users write them, against the catalogs of all built-in inputs. */
import { compileRules, type CompiledRules } from '../../../src/alerts/rules/compile.ts';
import type { KnownFields } from '../../../src/alerts/rules/fields.ts';
import type { Evaluator, Rule, Verdict } from '../../../src/alerts/rules/rule.ts';
import {
  ruleEntrySchema,
  thresholdsSchema,
  type WrittenEntry,
  type WrittenRule,
} from '../../../src/alerts/rules/schema.ts';
import type { MetricCatalog } from '../../../src/plugin/index.ts';
import { nearest } from '../../../src/registry/nearest.ts';
import { builtInPlugins } from '../../../src/registry/registry.ts';

export async function allFields(): Promise<KnownFields> {
  const catalogs: MetricCatalog[] = [];
  for (const name of builtInPlugins.names('input')) {
    if (name !== 'exec') catalogs.push((await builtInPlugins.find('input', name)).metrics);
  }
  return { catalogs, others: 'none', providers: new Map(), nearest, isHub: true };
}

export async function compile(
  rules: readonly WrittenEntry[],
  settings: {
    readonly defaults?: 'minimal' | 'standard' | 'off';
    readonly thresholds?: unknown;
    readonly known?: KnownFields;
  } = {},
): Promise<CompiledRules> {
  return compileRules({
    defaults: settings.defaults ?? 'off',
    thresholds: settings.thresholds === undefined ? undefined : thresholdsSchema.parse(settings.thresholds),
    rules: rules.map((rule) => ruleEntrySchema.parse(rule)),
    known: settings.known ?? (await allFields()),
  });
}

/** @throws unless there is exactly one rule and no problem */
export async function compileOne(rule: WrittenRule): Promise<Rule> {
  const { rules, problems } = await compile([rule]);
  const [only] = rules;
  if (only === undefined || problems.length > 0) throw new Error(JSON.stringify(problems));
  return only;
}

/** Evaluates values of the rule's own metric, `step` ms apart. */
export function verdicts(
  evaluator: Evaluator,
  values: readonly (number | string)[],
  step = 10_000,
): readonly (Verdict | undefined)[] {
  return values.map((value, index) => {
    evaluator.add(0, value, index * step, {});
    return evaluator.judge(index * step);
  });
}
