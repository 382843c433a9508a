/** Compiles all rules, and reports all of their faults at once. */
import { describeError } from '../../core/errors.ts';

import { buildRule } from './build-rule.ts';
import type { Fault, KnownFields } from './fields.ts';
import type { Rule } from './rule.ts';
import { RuleFault } from './rule-fault.ts';
import type { RuleConfig, Thresholds } from './schema.ts';
import { stockRules, type Profile } from './stock.ts';
import { thresholdRule } from './threshold-shorthand.ts';

export interface RuleSources {
  readonly defaults: Profile;
  readonly thresholds: Thresholds | undefined;
  readonly rules: readonly RuleConfig[];
  readonly known: KnownFields;
}

export interface RuleProblem extends Fault {
  /** Relative to `alerts`. */
  readonly path: readonly (string | number)[];
}

export interface CompiledRules {
  readonly rules: readonly Rule[];
  readonly problems: readonly RuleProblem[];
}

interface Placed {
  readonly config: RuleConfig;
  /** Where the rule was written; undefined for an unchanged stock rule. */
  readonly path: readonly (string | number)[] | undefined;
}

export async function compileRules(sources: RuleSources): Promise<CompiledRules> {
  const problems: RuleProblem[] = [];
  const placed = place(sources, problems);
  // Stock rules need declared fields: an input or processor that may report any field does not enable them.
  const declared = { ...sources.known, others: 'none' } as const;
  const rules: Rule[] = [];
  for (const { config, path } of placed) {
    try {
      rules.push(await buildRule(config, path === undefined ? declared : sources.known));
    } catch (error) {
      // A stock rule is skipped if no configured input reports its fields with the expected type.
      if (path === undefined && error instanceof RuleFault) continue;
      if (path === undefined) throw error;
      const problem = problemAt(path, error);
      problems.push(path[0] === 'thresholds' ? { ...problem, path } : problem);
    }
  }
  return { rules, problems };
}

function place({ defaults, thresholds, rules, known }: RuleSources, problems: RuleProblem[]): readonly Placed[] {
  const standard = stockRules('standard');
  const placed = new Map<string, Placed>();
  for (const config of stockRules(defaults)) placed.set(config.id ?? '', { config, path: undefined });
  for (const [name, limit] of Object.entries(thresholds ?? {})) {
    const path = ['thresholds', name];
    try {
      if (limit === undefined) continue;
      const config = thresholdRule(name as keyof Thresholds, limit, standard);
      placed.set(config.id ?? '', { config, path });
    } catch (error) {
      problems.push(problemAt(path, error));
    }
  }
  rules.forEach((written, index) => {
    const path = ['rules', index];
    const { id, override } = written;
    if ((id === undefined) === (override === undefined)) {
      problems.push({
        path,
        message: 'A rule must have either "id", or "override" with the stock rule that it changes',
      });
    } else if (override !== undefined) {
      const base = placed.get(override)?.config ?? standard.find((rule) => rule.id === override);
      if (base === undefined) problems.push(noSuchStock(override, [...path, 'override'], standard, known));
      else placed.set(override, { config: { ...base, ...given(written), id: override }, path });
    } else if (id !== undefined && placed.get(id)?.path?.[0] === 'rules') {
      problems.push({
        path: [...path, 'id'],
        message: `Duplicate rule id "${id}"`,
        hint: 'ids must be unique',
      });
    } else if (id !== undefined) {
      placed.set(id, { config: written, path });
    }
  });
  return [...placed.values()];
}

function noSuchStock(
  id: string,
  path: RuleProblem['path'],
  stock: readonly RuleConfig[],
  { nearest }: KnownFields,
): RuleProblem {
  const ids = stock.map((rule) => rule.id ?? '');
  const near = nearest(id, ids);
  const hint = near === undefined ? `stock rules: ${ids.join(', ')}` : `did you mean "${near}"?`;
  return { path, message: `There is no stock rule "${id}"`, hint };
}

function problemAt(path: RuleProblem['path'], error: unknown): RuleProblem {
  const fault = error instanceof RuleFault ? error : undefined;
  return {
    path: [...path, ...(fault?.path ?? [])],
    message: fault?.message ?? describeError(error),
    hint: fault?.hint,
  };
}

/** The keys that were written, without `override`. */
function given({ override: _, ...rest }: RuleConfig): Partial<RuleConfig> {
  return Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
}
