/**
 * `thresholds: { cpu: 90% }` sets the warning threshold of a stock rule. Values are always shares in use, even if the rule
 * compares the share that is left.
 */
import { readLimit } from './level-thresholds.ts';
import { RuleFault } from './rule-fault.ts';
import type { RuleConfig, Thresholds } from './schema.ts';

type WrittenThreshold = NonNullable<RuleConfig['above']>['critical'];

interface Target {
  readonly rule: string;
  /** Maximum of the value. */
  readonly max?: number;
}

const TARGETS: Readonly<Record<keyof Thresholds, Target>> = {
  cpu: { rule: 'cpu_high', max: 100 },
  mem: { rule: 'mem_low', max: 100 },
  swap: { rule: 'swap_used', max: 100 },
  disk: { rule: 'disk_space', max: 100 },
  inodes: { rule: 'disk_inodes', max: 100 },
  load: { rule: 'load_high' },
  temp: { rule: 'temp_high' },
  container_mem: { rule: 'docker_mem', max: 100 },
};

/**
 * The value becomes the warning threshold, with notifications, and applies to large disks as well. The critical threshold
 * stays, unless the new value is beyond it: then it moves half of the way from the value to the maximum.
 *
 * @param stock the rules of every profile, since a threshold also switches its rule on
 * @throws RuleFault
 */
export function thresholdRule(
  name: keyof Thresholds,
  written: number | string,
  stock: readonly RuleConfig[],
): RuleConfig {
  const { rule: id, max } = TARGETS[name];
  const rule = stock.find((each) => each.id === id);
  if (rule === undefined) throw new Error(`There is no stock rule ${id}`);
  const limit = readLimit(written, max === undefined ? '' : 'percent', []);
  if (max !== undefined && (limit <= 0 || limit > max)) {
    throw new RuleFault(`${limit} is not a percentage between 0 and 100`, []);
  }
  return rule.above === undefined ? below(rule, 100 - limit) : above(rule, limit, max);
}

function above(rule: RuleConfig, at: number, max = at * 1.5): RuleConfig {
  const critical = atOf(rule.above?.critical);
  return {
    ...rule,
    // The condition of disk_space on free space exempts large disks; the user's own threshold applies to all.
    and: [rule.and ?? []].flat().filter(({ metric }) => metric !== 'disk.free'),
    above: thresholdsFrom(at, rule.above?.critical, critical !== undefined && critical <= at, max),
    notify: true,
  };
}

function below(rule: RuleConfig, at: number): RuleConfig {
  const critical = atOf(rule.below?.critical);
  const isPassed = critical !== undefined && critical >= at;
  return { ...rule, below: thresholdsFrom(at, rule.below?.critical, isPassed, 0), notify: true };
}

function thresholdsFrom(at: number, critical: WrittenThreshold, isPassed: boolean, end: number): RuleConfig['above'] {
  if (critical === undefined) return { warning: { at } };
  return { warning: { at }, critical: isPassed ? { at: (at + end) / 2 } : critical };
}

function atOf(threshold: WrittenThreshold): number | undefined {
  return typeof threshold === 'object' ? Number(threshold.at) : undefined;
}
