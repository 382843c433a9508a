/** Evaluates `equals`: compares a string or flag with the bad values of each level. */
import type { Tags } from '../../metric/metric.ts';
import type { AlertLevel } from '../../plugin/notification.ts';

import { highestLevel, isMet, type Condition } from './conditions.ts';
import type { Evaluator, Verdict } from './rule.ts';

export interface ValuePlan {
  /** As strings: `true`, `exited`, `0`. */
  readonly bad: Readonly<Partial<Record<AlertLevel, readonly string[]>>>;
  /** Only after a good value, one that is bad for no level. */
  readonly afterChange: boolean;
  readonly conditions: readonly Condition[];
}

export class ValueEvaluator implements Evaluator {
  readonly #plan: ValuePlan;
  readonly #numbers: (number | undefined)[] = [];
  #text: string | undefined;
  #wasGood: boolean;

  /** @param wasGood whether a good value was seen before, as for an alert that is already firing */
  constructor(plan: ValuePlan, wasGood: boolean) {
    this.#plan = plan;
    this.#wasGood = wasGood;
  }

  add(operand: number, value: number | string | boolean, _time: number, _series: Tags): void {
    if (operand === 0) this.#text = String(value);
    else if (typeof value === 'number') this.#numbers[operand] = value;
  }

  judge(): Verdict | undefined {
    const text = this.#text;
    if (text === undefined) return undefined;
    this.#text = undefined;
    const { bad, afterChange, conditions } = this.#plan;
    const value = Number.isFinite(Number(text)) && text !== '' ? Number(text) : undefined;
    const matching = highestLevel((level) => bad[level]?.includes(text) === true);
    if (matching === 'ok') this.#wasGood = true;
    if (afterChange && !this.#wasGood) return { reached: 'ok', held: 'ok', value };
    const judged = (part: 'at' | 'clear') =>
      highestLevel(
        (level) =>
          bad[level]?.includes(text) === true &&
          conditions.every((each) => isMet(each, this.#numbers[each.operand], level, part)),
      );
    return { reached: judged('at'), held: judged('clear'), value };
  }
}
