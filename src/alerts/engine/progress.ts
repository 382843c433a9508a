/** What will fire or be judged when time has passed. */
import { rank, type Level } from '../../plugin/notification.ts';
import type { FillingWindow } from '../control.ts';
import type { Rule } from '../rules/rule.ts';

import type { Instance } from './instance.ts';

/** One entry for each rule; the one that takes longest first. */
export function fillingWindows(instances: Iterable<Pick<Instance, 'rule' | 'evaluator'>>): readonly FillingWindow[] {
  const byRule = new Map<string, FillingWindow>();
  for (const { rule, evaluator } of instances) {
    const filling = evaluator.filling?.();
    if (filling === undefined) continue;
    const { series, ...least } = byRule.get(rule.id) ?? { ...filling, series: 0 };
    const next = filling.covered < least.covered ? filling : least;
    byRule.set(rule.id, { rule: rule.id, series: series + 1, covered: next.covered, needed: next.needed });
  }
  return [...byRule.values()].sort((a, b) => b.needed - b.covered - (a.needed - a.covered));
}

/** How long an alert at this level is pending, ms: a lower level, which is reached as well, may fire earlier. */
export function pendingTime({ timing }: Rule, level: Level): number {
  const waits = Object.entries(timing.for).filter(([each]) => rank(each as Level) <= rank(level));
  return Math.min(...waits.map(([, wait]) => wait));
}
