/** What the passage of time does to alerts. All times without another name are by the clock's `elapsed`. */
import type { Rule } from '../rules/rule.ts';
import { OK, onTime } from '../state/alert-state.ts';
import { afterClockJump, onNoData } from '../state/lifecycle.ts';
import { shifted } from '../state/flapping.ts';

import { absence } from './absence.ts';
import type { Instance } from './instance.ts';
import type { Parts } from './parts.ts';
import type { Samples } from './samples.ts';

/** Samples of several series that make one judgement come within this time, ms. */
const GATHER_MS = 500;
/** An alert that is ok and silent is kept for this long, ms, and at least until its silence has been judged. */
const FORGET_MS = 3_600_000;

export class Passage {
  readonly #parts: Parts;
  readonly #samples: Samples;

  constructor(parts: Parts, samples: Samples) {
    this.#parts = parts;
    this.#samples = samples;
  }

  /** @param isMissing whether what is silent may be missed already */
  tick(instance: Instance, elapsed: number, isMissing: boolean): void {
    const { changes, faults } = this.#parts;
    try {
      if (instance.due !== undefined && elapsed - instance.due.since >= GATHER_MS) this.#samples.judgeDue(instance);
      if (instance.state !== OK) this.#waitFor(instance, elapsed);
      if (instance.flap.changes.length > 0) changes.settle(instance);
      changes.saveLate(instance, elapsed);
      if (isMissing) this.#miss(instance, elapsed);
    } catch (error) {
      faults.failed(instance.rule, error);
    }
  }

  /** The clock was set, or the machine slept: nothing that was waited for was seen. */
  jump(ms: number, elapsed: number): void {
    const { book, changes, clock } = this.#parts;
    for (const instance of book.all()) {
      instance.restart(elapsed);
      instance.cadence.reset();
      for (const feed of instance.feeds.values()) feed.time = -Infinity;
      instance.flap = shifted(instance.flap, ms);
      const next = afterClockJump(instance.state);
      if (next !== instance.state) changes.apply(instance, next, { at: clock.now() });
    }
  }

  drop(instance: Instance, detail: string): void {
    const { book, changes, clock } = this.#parts;
    changes.end(instance, clock.now(), detail);
    book.drop(instance);
  }

  /** It may be over, unless nobody knows what has been since the last sample. */
  #waitFor(instance: Instance, elapsed: number): void {
    const { clock, changes, settings } = this.#parts;
    const { timing } = instance.rule;
    const now = instance.now(elapsed);
    if (now === undefined || instance.cadence.isBroken(now, timing.maxGap)) return;
    const next = onTime(instance.state, now, timing);
    if (next === instance.state) return;
    changes.apply(instance, next, { at: now, isLate: clock.now() - now > settings().lateAfter });
  }

  #miss(instance: Instance, elapsed: number): void {
    const { heardAt, informedAt, source, rule } = instance;
    const kind = absence({ heardAt, informedAt, othersAt: source.heardAt }, elapsed, rule.seriesGone, rule.noData);
    if (kind === 'series_gone' && rule.seriesGone.action === 'resolve') this.drop(instance, kind);
    else if (kind === 'no_data' && rule.noData.action !== 'keep') this.#missAll(instance);
    else if (instance.isBlank && elapsed - heardAt >= forgetAfter(rule)) this.#parts.book.drop(instance);
  }

  #missAll(instance: Instance): void {
    const { action, level } = instance.rule.noData;
    const at = this.#parts.clock.now();
    const next = action === 'ok' ? OK : onNoData(instance.state, at, level);
    if (next === instance.state) return;
    this.#parts.changes.apply(instance, next, action === 'ok' ? { at, detail: 'no_data' } : { at });
  }
}

function forgetAfter({ noData }: Rule): number {
  return noData.action === 'keep' ? FORGET_MS : FORGET_MS + noData.after;
}
