/** From a sample to a judgement. */
import type { Metric } from '../../metric/metric.ts';
import { onSample } from '../state/alert-state.ts';

import { Instance, type Feed } from './instance.ts';
import type { Parts } from './parts.ts';
import { usable } from './usable.ts';
import type { Series, Slot } from './watching.ts';

export class Samples {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** @param elapsed when it came, by the clock's `elapsed` */
  take(series: Series, metric: Metric, elapsed: number): void {
    const time = Math.round(Number(metric.time) / 1e6);
    for (const slot of series.slots) {
      try {
        this.#takeOne(slot, series, metric, time, elapsed);
      } catch (error) {
        this.#parts.faults.failed(slot.rule, error);
      }
    }
  }

  /** Judges by the samples that were waited for. */
  judgeDue(instance: Instance): void {
    const { due } = instance;
    instance.due = undefined;
    if (due !== undefined) this.#judge(instance, due.time, due.since);
  }

  #takeOne(slot: Slot, series: Series, metric: Metric, time: number, elapsed: number): void {
    const instance = this.#instanceOf(slot, series, elapsed);
    if (instance === undefined) return;
    const feed = (slot.feed ??= instance.feed(series.measurement));
    instance.heardAt = elapsed;
    if (!this.#isInOrder(slot, feed, series, time)) return;
    feed.tags = series.tags;
    feed.time = time;
    if (instance.due !== undefined && time > instance.due.time) this.judgeDue(instance);
    if (!add(instance, slot, series, metric, time)) return;
    if (!instance.wasJudged) instance.informedAt = elapsed;
    if (elapsed < this.#parts.frozenUntil()) return;
    if (!slot.rule.merges && !instance.hasSeveralFeeds) this.#judge(instance, time, elapsed);
    else if (instance.due === undefined) {
      instance.due = { time, since: elapsed };
      this.#parts.onWaiting();
    }
  }

  #instanceOf(slot: Slot, series: Series, elapsed: number): Instance | undefined {
    if (slot.instance?.isDropped === false) return slot.instance;
    slot.feed = undefined;
    slot.instance = this.#parts.book.get(slot.identity.fingerprint) ?? this.#open(slot, series, elapsed);
    return slot.instance;
  }

  /** Those that exist are kept; a series that is one too many may come in when another has gone. */
  #open({ rule, identity }: Slot, series: Series, elapsed: number): Instance | undefined {
    const { book, faults, settings } = this.#parts;
    const most = settings().maxSeriesPerRule;
    if (book.countOf(rule) >= most) {
      faults.tooMany(rule, most);
      return undefined;
    }
    const instance = new Instance(rule, identity, series.measurement, series.source, elapsed);
    if (rule.isDeadman) instance.unsavedSince = elapsed;
    book.add(instance);
    return instance;
  }

  /** Samples that are late among their own series say nothing about now. */
  #isInOrder({ rule, identity }: Slot, feed: Feed, series: Series, time: number): boolean {
    if (time > feed.time) return true;
    if (time < feed.time) return this.#parts.checkClock();
    if (rule.merges) return true;
    if (feed.tags !== series.tags) this.#parts.faults.conflict(rule, identity, [feed.tags, series.tags]);
    return false;
  }

  #judge(instance: Instance, time: number, elapsed: number): void {
    const { cadence, rule } = instance;
    if (!cadence.isNew(time)) return;
    const isBroken = cadence.isBroken(time, rule.timing.maxGap);
    if (isBroken && this.#parts.checkClock()) return;
    const verdict = instance.evaluator.judge(time);
    if (verdict === undefined) return;
    cadence.add(time);
    instance.wasJudged = true;
    instance.informedAt = elapsed;
    instance.sampledAt = elapsed;
    instance.note(verdict.value, time, verdict.worst);
    const next = onSample(instance.state, time, verdict, isBroken, rule.timing);
    if (next === instance.state && instance.told === instance.shown) return;
    const { clock, changes, settings } = this.#parts;
    const isLate = clock.now() - time > settings().lateAfter;
    if (next !== instance.state) changes.apply(instance, next, { at: time, isLate });
    if (!isLate) changes.catchUp(instance, time);
  }
}

/** @returns whether there was a value at all */
function add(instance: Instance, { operands }: Slot, series: Series, { fields }: Metric, time: number): boolean {
  let isAny = false;
  for (const { field, operand } of operands) {
    const value = usable(fields[field]);
    if (value === undefined) continue;
    instance.evaluator.add(operand, value, time, series.tags);
    isAny = true;
  }
  return isAny;
}
