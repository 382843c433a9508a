/** Compiles all rules, and reports all of their faults at once. */
import { describeError } from '../../core/errors.ts';

import { buildRule } from './build-rule.ts';
import type { Fault, KnownFields } from './fields.ts';
import type { Rule } from './rule.ts';
import { patched } from './override.ts';
import { faultsOf, RuleFault } from './rule-fault.ts';
import { ruleSchema, type RuleConfig, type RuleEntry, type Thresholds } from './schema.ts';
import { stockRules, type Profile } from './stock.ts';
import { thresholdRule } from './threshold-shorthand.ts';

export interface RuleSources {
  readonly defaults: Profile;
  readonly thresholds: Thresholds | undefined;
  readonly rules: readonly RuleEntry[];
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
      const faults = faultsOf(error);
      if (path === undefined) continue;
      for (const fault of faults) {
        const problem = problemAt(path, fault);
        problems.push(path[0] === 'thresholds' ? { ...problem, path } : problem);
      }
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
  for (const [index, written] of rules.entries()) {
    const path = ['rules', index];
    try {
      const config = configOf(written, placed, known);
      placed.set(config.id ?? '', { config, path });
    } catch (error) {
      problems.push(problemAt(path, error));
    }
  }
  return [...placed.values()];
}

/** @throws RuleFault */
function configOf(written: RuleEntry, placed: ReadonlyMap<string, Placed>, known: KnownFields): RuleConfig {
  if (!('override' in written) && written.id !== undefined) {
    if (placed.get(written.id)?.path?.[0] !== 'rules') return written;
    throw new RuleFault(`Duplicate rule id "${written.id}"`, ['id'], 'ids must be unique');
  }
  if (!('override' in written) || typeof written.id === 'string') {
    throw new RuleFault('A rule must have either "id", or "override" with the stock rule that it changes', []);
  }
  const { override: id, ...patch } = written;
  const standard = stockRules('standard');
  const stock = placed.get(id)?.config ?? standard.find((rule) => rule.id === id);
  if (stock !== undefined) return patched(stock, patch, ruleSchema());
  const ids = standard.map((rule) => rule.id ?? '');
  const near = known.nearest(id, ids);
  const hint = near === undefined ? `stock rules: ${ids.join(', ')}` : `did you mean "${near}"?`;
  throw new RuleFault(`There is no stock rule "${id}"`, ['override'], hint);
}

function problemAt(path: RuleProblem['path'], error: unknown): RuleProblem {
  const fault = error instanceof RuleFault ? error : undefined;
  return {
    path: [...path, ...(fault?.path ?? [])],
    message: fault?.message ?? describeError(error),
    hint: fault?.hint,
  };
}
