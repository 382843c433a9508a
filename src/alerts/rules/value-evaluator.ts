/** Evaluates `equals`: compares a string or flag with the bad values of each level. */
import type { Tags } from '../../metric/metric.ts';
import { rank, type AlertLevel, type Level } from '../../plugin/notification.ts';

import { highestLevel, isMet, type Condition } from './conditions.ts';
import type { Evaluator, Verdict } from './rule.ts';
import { WorstSeries } from './worst-series.ts';

export interface ValuePlan {
  /** As strings: `true`, `exited`, `0`. */
  readonly bad: Readonly<Partial<Record<AlertLevel, readonly string[]>>>;
  /** Only after a good value, one that is bad for no level. */
  readonly afterChange: boolean;
  readonly conditions: readonly Condition[];
  /** Of several series in one gather the one with the highest or lowest level counts. */
  readonly across: 'max' | 'min' | undefined;
}

export class ValueEvaluator implements Evaluator {
  readonly #plan: ValuePlan;
  readonly #numbers: (number | undefined)[] = [];
  readonly #worst: WorstSeries | undefined;
  #text: string | undefined;
  #wasGood: boolean;

  /** @param wasGood whether a good value was seen before, as for an alert that is already firing */
  constructor(plan: ValuePlan, wasGood: boolean) {
    this.#plan = plan;
    this.#worst = plan.across === undefined ? undefined : new WorstSeries(plan.across);
    this.#wasGood = wasGood;
  }

  add(operand: number, value: number | string | boolean, time: number, series: Tags): void {
    if (operand === 0) {
      const text = String(value);
      if (this.#worst?.take(rank(this.#levelOf(text)), time, series) ?? true) this.#text = text;
    } else if (typeof value === 'number') this.#numbers[operand] = value;
  }

  judge(): Verdict | undefined {
    const text = this.#text;
    if (text === undefined) return undefined;
    this.#text = undefined;
    const { bad, afterChange, conditions } = this.#plan;
    const worst = this.#worst?.tags;
    const value = Number.isFinite(Number(text)) && text !== '' ? Number(text) : undefined;
    if (this.#levelOf(text) === 'ok') this.#wasGood = true;
    if (afterChange && !this.#wasGood) return { reached: 'ok', held: 'ok', value, worst };
    const judged = (part: 'at' | 'clear') =>
      highestLevel(
        (level) =>
          bad[level]?.includes(text) === true &&
          conditions.every((each) => isMet(each, this.#numbers[each.operand], level, part)),
      );
    return { reached: judged('at'), held: judged('clear'), value, worst };
  }

  /** Without conditions. */
  #levelOf(text: string): Level {
    return highestLevel((level) => this.#plan.bad[level]?.includes(text) === true);
  }
}
