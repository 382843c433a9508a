/** Judges a number: calculated, put through a window, compared with lines or extrapolated to a value. */
import type { Tags } from '../../metric/metric.ts';
import { rank, type AlertLevel, type Level } from '../../plugin/notification.ts';

import { DOWNWARDS, isMet, type Condition, type Direction, type Lines } from './conditions.ts';
import type { Evaluator, Threshold, Verdict } from './rule.ts';
import { timeUntil, WINDOW_FUNCTIONS, type WindowFunction } from './windows/functions.ts';
import { SampleWindow } from './windows/sample-window.ts';

export interface NumberPlan {
  /** Fields → the number that is judged; undefined if it cannot be told. Operand 0 is the metric of the rule. */
  readonly calculate: ((operands: readonly (number | undefined)[]) => number | undefined) | undefined;
  readonly window: WindowPlan | undefined;
  /** The number is divided by what was made of the samples before it. */
  readonly baseline: WindowPlan | undefined;
  readonly direction: Direction;
  readonly lines: Lines;
  /** Lines of how soon, ms, instead of `lines`. */
  readonly predict:
    { readonly reaches: number; readonly within: Readonly<Partial<Record<AlertLevel, number>>> } | undefined;
  readonly conditions: readonly Condition[];
  /** Of several series in one gather the worst counts. */
  readonly across: 'max' | 'min' | undefined;
}

export interface WindowPlan {
  /** ms. */
  readonly length: number;
  readonly fn: WindowFunction;
  /** 0 to 1. */
  readonly coverage: number;
}

/** It ends when it will take this much longer than the limit. */
const PREDICTION_SLACK = 1.25;

/** What the evaluators of one rule have in common is made once. */
export function numberEvaluators(plan: NumberPlan): () => Evaluator {
  const levels = levelLines(plan);
  return () => new NumberEvaluator(plan, levels);
}

class NumberEvaluator implements Evaluator {
  readonly #plan: NumberPlan;
  readonly #levels: readonly LevelLine[];
  readonly #operands: (number | undefined)[] = [];
  readonly #window: SampleWindow | undefined;
  readonly #baseline: SampleWindow | undefined;
  /** The worst series of the present gather. */
  #worst: { readonly time: number; readonly value: number; readonly series: Tags } | undefined;
  #isFresh = false;

  constructor(plan: NumberPlan, levels: readonly LevelLine[]) {
    this.#plan = plan;
    this.#levels = levels;
    this.#window = openWindow(plan.window);
    this.#baseline = openWindow(plan.baseline);
  }

  add(operand: number, value: number | string | boolean, time: number, series: Tags): void {
    const number = typeof value === 'boolean' ? Number(value) : value;
    if (typeof number !== 'number') return;
    if (operand === 0) {
      this.#operands[0] = this.#worstOf(number, time, series);
      this.#isFresh = true;
    } else {
      this.#operands[operand] = number;
    }
  }

  judge(time: number): Verdict | undefined {
    // Another measurement alone says nothing new about the metric of the rule.
    if (!this.#isFresh) return undefined;
    this.#isFresh = false;
    const { calculate } = this.#plan;
    const raw = calculate === undefined ? this.#operands[0] : calculate(this.#operands);
    if (raw === undefined || !Number.isFinite(raw)) return undefined;
    const now = this.#throughWindow(raw, time);
    const value = this.#baseline === undefined ? now : this.#againstBaseline(now, raw, time);
    return value === undefined ? undefined : this.#verdict(value);
  }

  #worstOf(value: number, time: number, series: Tags): number {
    const { across } = this.#plan;
    if (across === undefined) return value;
    const isKept = this.#worst?.time === time && Math[across](this.#worst.value, value) !== value;
    if (!isKept) this.#worst = { time, value, series };
    return this.#worst?.value ?? value;
  }

  #throughWindow(raw: number, time: number): number | undefined {
    const { window, predict } = this.#plan;
    if (this.#window === undefined || window === undefined) return raw;
    this.#window.add(raw, time);
    if (!this.#window.isCovered()) return undefined;
    if (predict !== undefined) return timeUntil(this.#window, predict.reaches);
    return WINDOW_FUNCTIONS[window.fn](this.#window);
  }

  /** @param raw becomes part of the baseline of those after it */
  #againstBaseline(value: number | undefined, raw: number, time: number): number | undefined {
    const { baseline } = this.#plan;
    if (this.#baseline === undefined || baseline === undefined) return value;
    const usual = this.#baseline.isCovered() ? WINDOW_FUNCTIONS[baseline.fn](this.#baseline) : undefined;
    this.#baseline.add(raw, time);
    if (value === undefined || usual === undefined || usual === 0) return undefined;
    return value / usual;
  }

  #verdict(value: number): Verdict {
    const reached = this.#highest(value, 'at');
    const held = this.#highest(value, 'clear');
    return {
      reached,
      // Levels may have lines that are far apart: what is reached is held.
      held: rank(held) < rank(reached) ? reached : held,
      value: this.#plan.predict === undefined ? value : this.#operands[0],
      worst: this.#worst?.series,
    };
  }

  /** A loop, as this is done for each sample. */
  #highest(value: number, part: 'at' | 'clear'): Level {
    for (const { level, at, clear, isAbove } of this.#levels) {
      const line = part === 'at' ? at : clear;
      if ((isAbove ? value > line : value < line) && this.#areMet(level, part)) return level;
    }
    return 'ok';
  }

  #areMet(level: AlertLevel, part: 'at' | 'clear'): boolean {
    return this.#plan.conditions.every((each) => isMet(each, this.#operands[each.operand], level, part));
  }
}

function openWindow(plan: WindowPlan | undefined): SampleWindow | undefined {
  return plan === undefined ? undefined : new SampleWindow(plan.length, plan.coverage);
}

interface LevelLine extends Threshold {
  readonly level: AlertLevel;
  readonly isAbove: boolean;
}

/** The highest level first. */
function levelLines({ lines, predict, direction }: NumberPlan): readonly LevelLine[] {
  return DOWNWARDS.flatMap((level) => {
    if (predict === undefined) {
      const line = lines[level];
      return line === undefined ? [] : [{ level, ...line, isAbove: direction === 'above' }];
    }
    const within = predict.within[level];
    // Sooner is worse, and soon enough is as bad as too soon.
    return within === undefined
      ? []
      : [{ level, at: within + 1, clear: within * PREDICTION_SLACK + 1, isAbove: false }];
  });
}
