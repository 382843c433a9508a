/**
 * `thresholds: { cpu: 90% }`: the line that people think of first, put into the stock rule it belongs to. People say how
 * much is used, also where the rule watches how much is left.
 */
import { readLimit } from './level-thresholds.ts';
import { RuleFault } from './rule-fault.ts';
import type { RuleConfig, Thresholds } from './schema.ts';

type Line = NonNullable<RuleConfig['above']>['critical'];

interface Target {
  readonly rule: string;
  /** The most that there can be. */
  readonly most?: number;
}

const TARGETS: Readonly<Record<keyof Thresholds, Target>> = {
  cpu: { rule: 'cpu_high', most: 100 },
  mem: { rule: 'mem_low', most: 100 },
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
 * @param stock the rules of every profile: a threshold switches its rule on
 * @throws RuleFault
 */
export function thresholdRule(
  name: keyof Thresholds,
  written: number | string,
  stock: readonly RuleConfig[],
): RuleConfig {
  const { rule: id, most } = TARGETS[name];
  const rule = stock.find((each) => each.id === id);
  if (rule === undefined) throw new Error(`There is no stock rule ${id}`);
  const limit = readLimit(written, most === undefined ? '' : 'percent', []);
  if (most !== undefined && (limit <= 0 || limit > most)) {
    throw new RuleFault(`${limit} is no share in percent: it lies between 0 and 100`, []);
  }
  return rule.above === undefined ? below(rule, 100 - limit) : above(rule, limit, most);
}

function above(rule: RuleConfig, at: number, most = at * 1.5): RuleConfig {
  const critical = atOf(rule.above?.critical);
  const { and: condition, ...rest } = rule;
  return {
    ...rest,
    // The second condition of this rule spares large disks, whose owner has now said what is too much.
    ...(condition === undefined || rule.id === 'disk_space' ? {} : { and: condition }),
    above: linesFrom(at, rule.above?.critical, critical !== undefined && critical <= at, most),
    notify: true,
  };
}

function below(rule: RuleConfig, at: number): RuleConfig {
  const critical = atOf(rule.below?.critical);
  const isPassed = critical !== undefined && critical >= at;
  return { ...rule, below: linesFrom(at, rule.below?.critical, isPassed, 0), notify: true };
}

function linesFrom(at: number, critical: Line, isPassed: boolean, end: number): RuleConfig['above'] {
  if (critical === undefined) return { warning: { at } };
  return { warning: { at }, critical: isPassed ? { at: (at + end) / 2 } : critical };
}

function atOf(line: Line): number | undefined {
  return typeof line === 'object' ? Number(line.at) : undefined;
}
