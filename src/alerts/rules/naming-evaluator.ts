/** For rules across hosts: the verdict has the tags of the newest value, which name the hosts. */
import type { Tags } from '../../metric/metric.ts';

import type { Evaluator, Verdict } from './rule.ts';

export class NamingEvaluator implements Evaluator {
  readonly #evaluator: Evaluator;
  #tags: Tags | undefined;

  constructor(evaluator: Evaluator) {
    this.#evaluator = evaluator;
  }

  add(...sample: Parameters<Evaluator['add']>): void {
    this.#tags = sample[3];
    this.#evaluator.add(...sample);
  }

  judge(time: number): Verdict | undefined {
    const verdict = this.#evaluator.judge(time);
    return verdict && { ...verdict, worst: this.#tags };
  }

  filling(now: number): ReturnType<NonNullable<Evaluator['filling']>> {
    return this.#evaluator.filling?.(now);
  }
}
