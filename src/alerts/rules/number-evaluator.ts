/** Evaluates a number: calculated, aggregated over a window, then compared with thresholds or extrapolated. */
import type { Tags } from '../../metric/metric.ts';
import { rank, type AlertLevel, type Level } from '../../plugin/notification.ts';

import { DOWNWARDS, isMet, type Condition, type Direction, type LevelThresholds } from './conditions.ts';
import type { Evaluator, Threshold, Verdict } from './rule.ts';
import { timeUntil, WINDOW_FUNCTIONS, type WindowFunction } from './sample-windows/functions.ts';
import { SampleWindow } from './sample-windows/sample-window.ts';
import { WorstSeries } from './worst-series.ts';

export interface NumberPlan {
  /** Operands → the evaluated number; undefined if an operand is missing. Operand 0 is the metric of the rule. */
  readonly calculate: ((operands: readonly (number | undefined)[]) => number | undefined) | undefined;
  readonly window: WindowPlan | undefined;
  /** The number is divided by the aggregate of the samples before it. */
  readonly baseline: WindowPlan | undefined;
  readonly direction: Direction;
  readonly thresholds: LevelThresholds;
  /** Thresholds on the time until `reaches`, ms, instead of `thresholds`. */
  readonly predict:
    { readonly reaches: number; readonly within: Readonly<Partial<Record<AlertLevel, number>>> } | undefined;
  readonly conditions: readonly Condition[];
  /** Of several series in one gather the highest or lowest value counts. */
  readonly across: 'max' | 'min' | undefined;
}

export interface WindowPlan {
  /** ms. */
  readonly length: number;
  readonly fn: WindowFunction;
  /** Share of the window that must have samples, 0 to 1. */
  readonly coverage: number;
}

/** A prediction is cleared when the time left is this many times the limit. */
export const PREDICTION_SLACK = 1.25;

/** The thresholds are prepared once for all evaluators of a rule. */
export function numberEvaluators(plan: NumberPlan): () => Evaluator {
  const levels = orderedThresholds(plan);
  return () => new NumberEvaluator(plan, levels);
}

class NumberEvaluator implements Evaluator {
  readonly #plan: NumberPlan;
  readonly #levels: readonly OrderedThreshold[];
  readonly #operands: (number | undefined)[] = [];
  readonly #window: SampleWindow | undefined;
  readonly #baseline: SampleWindow | undefined;
  readonly #worst: WorstSeries | undefined;
  /** A series that is not the worst one; its other operands do not count either. */
  #outdone: Tags | undefined;
  #isFresh = false;

  constructor(plan: NumberPlan, levels: readonly OrderedThreshold[]) {
    this.#plan = plan;
    this.#levels = levels;
    this.#window = openWindow(plan.window);
    this.#baseline = openWindow(plan.baseline);
    this.#worst = plan.across === undefined ? undefined : new WorstSeries(plan.across);
  }

  add(operand: number, value: number | string | boolean, time: number, series: Tags): void {
    const number = typeof value === 'boolean' ? Number(value) : value;
    if (typeof number !== 'number') return;
    if (operand === 0) {
      const isWorst = this.#worst?.take(number, time, series) ?? true;
      this.#outdone = isWorst ? undefined : series;
      this.#isFresh = true;
    }
    if (this.#outdone === undefined || this.#outdone !== series) this.#operands[operand] = number;
  }

  judge(time: number): Verdict | undefined {
    // Without a new value of the rule's own metric there is nothing to evaluate.
    if (!this.#isFresh) return undefined;
    this.#isFresh = false;
    const { calculate } = this.#plan;
    const raw = calculate === undefined ? this.#operands[0] : calculate(this.#operands);
    if (raw === undefined || !Number.isFinite(raw)) return undefined;
    const now = this.#throughWindow(raw, time);
    const value = this.#baseline === undefined ? now : this.#againstBaseline(now, raw, time);
    return value === undefined ? undefined : this.#verdict(value);
  }

  filling(now: number): { readonly covered: number; readonly needed: number } | undefined {
    const isShort = (one: SampleWindow) => one.covered < one.needed && one.isAlive(now);
    const short = [this.#window, this.#baseline].filter((one) => one !== undefined && isShort(one));
    const [first, second] = short;
    if (first === undefined || second === undefined) return first && { covered: first.covered, needed: first.needed };
    const last = second.needed - second.covered > first.needed - first.covered ? second : first;
    return { covered: last.covered, needed: last.needed };
  }

  #throughWindow(raw: number, time: number): number | undefined {
    const { window, predict } = this.#plan;
    if (this.#window === undefined || window === undefined) return raw;
    this.#window.add(raw, time);
    if (!this.#window.isCovered()) return undefined;
    if (predict !== undefined) return timeUntil(this.#window, predict.reaches);
    return WINDOW_FUNCTIONS[window.fn](this.#window);
  }

  /** @param raw is added to the baseline of later samples */
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
      // A reached level is always held.
      held: rank(held) < rank(reached) ? reached : held,
      value: this.#plan.predict === undefined ? value : this.#operands[0],
      worst: this.#worst?.tags,
    };
  }

  /** A plain loop, since it runs for every sample. */
  #highest(value: number, part: 'at' | 'clear'): Level {
    for (const { level, at, clear, isAbove } of this.#levels) {
      const threshold = part === 'at' ? at : clear;
      if ((isAbove ? value > threshold : value < threshold) && this.#areMet(level, part)) return level;
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

interface OrderedThreshold extends Threshold {
  readonly level: AlertLevel;
  readonly isAbove: boolean;
}

/** The highest level first. */
function orderedThresholds({ thresholds, predict, direction }: NumberPlan): readonly OrderedThreshold[] {
  return DOWNWARDS.flatMap((level) => {
    if (predict === undefined) {
      const threshold = thresholds[level];
      return threshold === undefined ? [] : [{ level, ...threshold, isAbove: direction === 'above' }];
    }
    const within = predict.within[level];
    // Sooner is worse. 1 ms is added since a time equal to `within` counts as reached.
    return within === undefined
      ? []
      : [{ level, at: within + 1, clear: within * PREDICTION_SLACK + 1, isAbove: false }];
  });
}
