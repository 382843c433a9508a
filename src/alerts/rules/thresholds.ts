/** `thresholds: { cpu: 90% }`: the line that people think of first, put into the stock rule it belongs to. */
import { parseLimit } from './limit.ts';
import type { RuleConfig, Thresholds } from './schema.ts';

interface Target {
  readonly rule: string;
  /** People say how much is used where the rule watches how much is left. */
  readonly isInverted?: boolean;
  /** The most that there can be. */
  readonly most?: number;
}

const TARGETS: Readonly<Record<keyof Thresholds, Target>> = {
  cpu: { rule: 'cpu_high', most: 100 },
  mem: { rule: 'mem_low', isInverted: true, most: 100 },
  swap: { rule: 'swap_used', most: 100 },
  disk: { rule: 'disk_space', most: 100 },
  inodes: { rule: 'disk_inodes', most: 100 },
  load: { rule: 'load_high' },
  temp: { rule: 'temp_high' },
  container_mem: { rule: 'docker_mem', most: 100 },
};

/**
 * Who names a threshold wants to be told: it becomes the warning line, and counts for large disks as well. Critical stays
 * where it is, or moves half of the way to the most that there can be if the new line is beyond it.
 *
 * @param stock the rules of the profile
 * @param all those of every profile: a threshold switches its rule on
 */
export function applyThresholds(
  stock: readonly RuleConfig[],
  thresholds: Thresholds | undefined,
  all: readonly RuleConfig[],
): readonly RuleConfig[] {
  const rules = new Map(stock.map((rule) => [rule.id ?? '', rule]));
  for (const [name, limit] of Object.entries(thresholds ?? {})) {
    const target = TARGETS[name as keyof Thresholds];
    const rule = rules.get(target.rule) ?? all.find(({ id }) => id === target.rule);
    if (limit === undefined || rule === undefined) continue;
    rules.set(target.rule, adjusted(rule, target, parseLimit(limit, target.most === undefined ? '' : 'percent')));
  }
  return [...rules.values()];
}

function adjusted(rule: RuleConfig, { isInverted = false, most }: Target, limit: number): RuleConfig {
  const at = isInverted ? 100 - limit : limit;
  const key = isInverted ? 'below' : 'above';
  const critical = rule[key]?.critical;
  const criticalAt = typeof critical === 'object' ? Number(critical.at) : undefined;
  const isPassed = criticalAt !== undefined && (isInverted ? criticalAt >= at : criticalAt <= at);
  const end = isInverted ? 0 : (most ?? limit * 1.5);
  const lines = {
    warning: { at },
    ...(critical === undefined ? {} : { critical: isPassed ? { at: (at + end) / 2 } : critical }),
  };
  const { and: _, ...rest } = rule;
  const without = rule.id === 'disk_space' ? rest : rule;
  return { ...without, [key]: lines, notify: true };
}
