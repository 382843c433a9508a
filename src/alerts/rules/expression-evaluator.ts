/** Evaluates `when` and `clear`: for each level an expression that reaches it, and one that ends it. */
import type { Tags } from '../../metric/metric.ts';
import type { AlertLevel } from '../../plugin/notification.ts';

import { highestLevel } from './conditions.ts';
import type { Expression, Values } from './expression.ts';
import type { Evaluator, Verdict } from './rule.ts';

export interface ExpressionPlan {
  /** Operand → the variable that holds its value. */
  readonly operands: readonly { readonly measurement: string; readonly field: string }[];
  readonly when: Readonly<Partial<Record<AlertLevel, Expression>>>;
  readonly clear: Readonly<Partial<Record<AlertLevel, Expression>>>;
}

export class ExpressionEvaluator implements Evaluator {
  readonly #plan: ExpressionPlan;
  readonly #values: Record<string, Record<string, number | string | boolean>> = {};

  constructor(plan: ExpressionPlan) {
    this.#plan = plan;
  }

  add(operand: number, value: number | string | boolean, _time: number, _series: Tags): void {
    const place = this.#plan.operands[operand];
    if (place === undefined) return;
    (this.#values[place.measurement] ??= {})[place.field] = value;
  }

  judge(): Verdict | undefined {
    const { when, clear } = this.#plan;
    const answers = Object.values(when).map((each) => each.evaluate(this.#values));
    if (answers.every((answer) => answer === undefined)) return undefined;
    const isReached = (level: AlertLevel) => when[level]?.evaluate(this.#values) === true;
    const reached = highestLevel(isReached);
    const held = highestLevel((level) => isReached(level) || isHeld(clear[level], this.#values));
    return { reached, held, value: undefined };
  }
}

/** A level with `clear` is held until that is true; one without is held only while it is reached. */
function isHeld(clear: Expression | undefined, values: Values): boolean {
  return clear !== undefined && clear.evaluate(values) === false;
}
