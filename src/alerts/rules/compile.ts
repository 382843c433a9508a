/** Rules as written → rules that judge. Everything that is wrong with them is told at once. */
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
  /** Within `alerts`. */
  readonly path: readonly (string | number)[];
}

export interface CompiledRules {
  readonly rules: readonly Rule[];
  readonly problems: readonly RuleProblem[];
}

/** A rule with where it was written; nowhere for a stock rule as it is. */
interface Placed {
  readonly config: RuleConfig;
  readonly path: readonly (string | number)[] | undefined;
}

export async function compileRules(sources: RuleSources): Promise<CompiledRules> {
  const problems: RuleProblem[] = [];
  const placed = place(sources, problems);
  // A stock rule knows the fields of the built-in inputs; what only might have them is no reason to judge it.
  const declared = { ...sources.known, others: 'none' } as const;
  const rules: Rule[] = [];
  for (const { config, path } of placed) {
    try {
      rules.push(await buildRule(config, path === undefined ? declared : sources.known));
    } catch (error) {
      // What no configured input measures, or measures in another way, a stock rule cannot judge, and need not.
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
        message: 'A rule has an id of its own, or names the stock rule that it changes with "override"',
      });
    } else if (override !== undefined) {
      const base = placed.get(override)?.config ?? standard.find((rule) => rule.id === override);
      if (base === undefined) problems.push(noSuchStock(override, [...path, 'override'], standard, known));
      else placed.set(override, { config: { ...base, ...given(written), id: override }, path });
    } else if (id !== undefined && placed.get(id)?.path?.[0] === 'rules') {
      problems.push({
        path: [...path, 'id'],
        message: `There are two rules with the id "${id}"`,
        hint: 'ids are unique',
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
  const hint = near === undefined ? `there are ${ids.join(', ')}` : `did you mean "${near}"?`;
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

/** The keys that were written. */
function given({ override: _, ...rest }: RuleConfig): Partial<RuleConfig> {
  return Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
}
