/** Rules as written → rules that judge. Everything that is wrong with them is told at once. */
import { describeError } from '../../core/errors.ts';

import { buildRule } from './build-rule.ts';
import type { Fault, KnownFields } from './fields.ts';
import type { Rule } from './rule.ts';
import { RuleFault, UnmeasuredFault } from './rule-fault.ts';
import type { RuleConfig, Thresholds } from './schema.ts';
import { stockRules, type Profile } from './stock.ts';
import { applyThresholds } from './thresholds.ts';

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

/** A rule with where it was written; nowhere for a stock rule. */
interface Placed {
  readonly config: RuleConfig;
  readonly path: readonly (string | number)[] | undefined;
}

export async function compileRules(sources: RuleSources): Promise<CompiledRules> {
  const problems: RuleProblem[] = [];
  const placed = place(sources, problems);
  const rules: Rule[] = [];
  for (const { config, path } of placed) {
    try {
      rules.push(await buildRule(config, sources.known));
    } catch (error) {
      // What no configured input measures cannot be judged by a stock rule, and need not.
      if (path === undefined && error instanceof UnmeasuredFault) continue;
      if (path === undefined) throw error;
      const fault = error instanceof RuleFault ? error : undefined;
      const message = fault?.message ?? describeError(error);
      problems.push({ path: [...path, ...(fault?.path ?? [])], message, hint: fault?.hint });
    }
  }
  return { rules, problems };
}

function place({ defaults, thresholds, rules, known }: RuleSources, problems: RuleProblem[]): readonly Placed[] {
  const stock = applyThresholds(stockRules(defaults), thresholds, stockRules('standard'));
  const placed = new Map<string, Placed>(stock.map((config) => [config.id ?? '', { config, path: undefined }]));
  const everyStock = new Map(stockRules('standard').map((config) => [config.id ?? '', config]));
  rules.forEach((written, index) => {
    const path = ['rules', index];
    const { id, override } = written;
    if ((id === undefined) === (override === undefined)) {
      problems.push({
        path,
        message: 'A rule has an id of its own, or names the stock rule that it changes with "override"',
      });
    } else if (override !== undefined) {
      const base = placed.get(override)?.config ?? everyStock.get(override);
      if (base === undefined) {
        const near = known.nearest(override, everyStock.keys());
        const hint = near === undefined ? `there are ${[...everyStock.keys()].join(', ')}` : `did you mean "${near}"?`;
        problems.push({ path: [...path, 'override'], message: `There is no stock rule "${override}"`, hint });
      } else {
        placed.set(override, { config: { ...base, ...given(written), id: override }, path });
      }
    } else if (id !== undefined && placed.get(id)?.path !== undefined) {
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

/** The keys that were written. */
function given({ override: _, ...rest }: RuleConfig): Partial<RuleConfig> {
  return Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
}
