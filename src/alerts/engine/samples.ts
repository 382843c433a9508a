/** From a sample to a verdict. */
import type { Instant } from '../../core/clock.ts';
import type { Metric } from '../../metric/metric.ts';
import { onSample } from '../state/alert-state.ts';

import type { Faults } from './faults.ts';
import { Instance, type Feed } from './instance.ts';
import type { Instances } from './instances.ts';
import { usable, type Series, type Slot } from './series.ts';
import { isLate, type Transitions } from './transitions.ts';

export interface SamplesOptions {
  readonly instances: Instances;
  readonly transitions: Transitions;
  readonly faults: Faults;
  /** Maximum series of one rule. */
  readonly maxSeries: () => number;
  /** The agent's own `host` tag, if it is known. */
  readonly host: () => string | undefined;
  /** Something now waits for time to pass. */
  readonly onWaiting: () => void;
}

/** What comes with a sample. */
export interface Arrival {
  readonly now: Instant;
  /** Alias of the input, if it is known. */
  readonly input: string | undefined;
  /** The clock has jumped: the sample only fills windows. */
  readonly isFrozen: boolean;
}

export class Samples {
  readonly #options: SamplesOptions;
  /** Shared by all alerts that one input feeds, which are most. */
  readonly #onlyInput = new Map<string, readonly string[]>();

  constructor(options: SamplesOptions) {
    this.#options = options;
  }

  take(series: Series, metric: Metric, { now, input, isFrozen }: Arrival): void {
    const time = Math.round(Number(metric.time) / 1e6);
    for (const slot of series.slots) {
      try {
        const instance = this.#add(slot, series, metric, time, now);
        if (instance === undefined) continue;
        if (input !== undefined && !instance.inputs.includes(input)) this.#addInput(instance, input, now);
        if (!isFrozen) this.#judgeOrWait(instance, time, now);
      } catch (error) {
        this.#options.faults.failed(slot.rule, error, now);
      }
    }
  }

  /** Evaluates the samples that waited for others. */
  judgeDue(instance: Instance, now: Instant): void {
    const { due } = instance;
    instance.due = undefined;
    if (due !== undefined) this.#judge(instance, due.time, { ...now, elapsed: due.since });
  }

  /** @returns undefined if the sample changes nothing */
  #add(slot: Slot, series: Series, { fields }: Metric, time: number, now: Instant): Instance | undefined {
    const instance = this.#instanceOf(slot, series, now);
    if (instance === undefined) return undefined;
    const feed = (slot.feed ??= instance.feed(series.measurement));
    instance.heardAt = now.elapsed;
    if (!this.#isInOrder(slot, feed, series, time, now)) {
      // The clock was set back a little, so this sample is of the present and no silence.
      if (feed.time > now.wall) instance.informedAt = now.elapsed;
      return undefined;
    }
    feed.tags = series.tags;
    feed.time = time;
    if (instance.due !== undefined && time > instance.due.time) this.judgeDue(instance, now);
    let hasValue = false;
    for (const { field, operand } of slot.operands) {
      const value = usable(fields[field]);
      if (value === undefined) continue;
      instance.evaluator.add(operand, value, time, series.tags);
      hasValue = true;
    }
    if (!hasValue) return undefined;
    if (!instance.wasJudged) instance.informedAt = now.elapsed;
    return instance;
  }

  #addInput(instance: Instance, input: string, now: Instant): void {
    const only = this.#onlyInput.get(input) ?? [input];
    this.#onlyInput.set(input, only);
    instance.inputs = instance.inputs.length === 0 ? only : [...instance.inputs, input];
    if (instance.isStored) instance.unsavedSince ??= now.elapsed;
  }

  #instanceOf(slot: Slot, series: Series, now: Instant): Instance | undefined {
    if (slot.instance?.isDropped === false) return slot.instance;
    slot.feed = undefined;
    slot.instance = this.#options.instances.get(slot.identity.fingerprint) ?? this.#open(slot, series, now);
    return slot.instance;
  }

  /** A series beyond the limit gets in as soon as another one is dropped. */
  #open({ rule, identity }: Slot, series: Series, now: Instant): Instance | undefined {
    const { instances, faults, maxSeries } = this.#options;
    const most = maxSeries();
    if (instances.countOf(rule) >= most) {
      faults.tooMany(rule, most, now);
      return undefined;
    }
    const instance = new Instance(rule, identity, series.measurement, series.source, now.elapsed);
    instance.isOwn = rule.hosts === undefined && identity.host === this.#options.host();
    if (rule.isDeadman) instance.unsavedSince = now.elapsed;
    instances.add(instance);
    return instance;
  }

  /** A sample that is older than the last one of its series says nothing about the present. */
  #isInOrder({ rule, identity }: Slot, feed: Feed, series: Series, time: number, now: Instant): boolean {
    if (time !== feed.time) return time > feed.time;
    if (rule.merges) return true;
    if (feed.tags !== series.tags) this.#options.faults.conflict(rule, identity, [feed.tags, series.tags], now);
    return false;
  }

  #judgeOrWait(instance: Instance, time: number, now: Instant): void {
    if (!instance.rule.merges && instance.feeds.length === 1) this.#judge(instance, time, now);
    else if (instance.due === undefined) {
      instance.due = { time, since: now.elapsed };
      this.#options.onWaiting();
    }
  }

  /** @param now with the arrival of the sample as `elapsed` */
  #judge(instance: Instance, time: number, now: Instant): void {
    const { cadence, rule } = instance;
    if (!cadence.isNew(time)) return;
    const isBroken = cadence.isBroken(time, rule.timing.maxGap);
    const verdict = instance.evaluator.judge(time);
    if (verdict === undefined) return;
    cadence.add(time);
    instance.wasJudged = true;
    instance.informedAt = now.elapsed;
    instance.sampledAt = now.elapsed;
    instance.note(verdict.value, time, verdict.worst);
    const next = onSample(instance.state, time, verdict, isBroken, rule.timing);
    if (next === instance.state && instance.reported === instance.shown) return;
    const { transitions } = this.#options;
    if (next !== instance.state) transitions.apply(instance, next, { at: time, isLate: isLate(time, now) }, now);
    if (!isLate(time, now)) transitions.reportShown(instance, time, now);
  }
}
