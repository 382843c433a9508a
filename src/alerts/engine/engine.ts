/** Judges metrics by rules, and tells what has changed. Samples move alerts; a tick does what only time does. */
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/logger.ts';
import type { Metric, Tags } from '../../metric/metric.ts';
import { rank, type AlertView } from '../../plugin/notification.ts';
import { internTags } from '../../metric/series.ts';
import type { AlertEvent } from '../alert-event.ts';
import type { Capture } from '../context/capture.ts';
import type { FillingWindow } from '../control.ts';
import type { Rule } from '../rules/rule.ts';
import type { AlertState } from '../state/alert-state.ts';
import type { AlertStore } from '../store/store.ts';

import { Book, identityOf } from './book.ts';
import { Changes } from './changes.ts';
import { ClockWatch } from './clock-watch.ts';
import { Faults, type FaultCounts } from './faults.ts';
import type { Parts } from './parts.ts';
import { fillingWindows } from './progress.ts';
import { Passage } from './passage.ts';
import { applyEdit, moveToRules } from './reload.ts';
import { restore, type Restored } from './restore.ts';
import { Samples } from './samples.ts';
import { withDefaults, type CompleteSettings, type EngineSettings } from './settings.ts';
import { ENGINE_KEY } from './stored.ts';
import { presentView } from './view.ts';
import { Watching } from './watching.ts';

export interface EngineOptions {
  readonly rules: readonly Rule[];
  readonly settings?: EngineSettings;
  readonly clock: Clock;
  readonly store: AlertStore;
  /** Called while a metric is observed or time is looked at; what it throws is logged. */
  readonly onEvent: (event: AlertEvent) => void;
  /** The context of an alert that has fired, a moment later. */
  readonly onContext?: (fingerprint: string, context: AlertView['context']) => void;
  /** Something that was not there at the last tick waits for the next one. */
  readonly onWaiting?: () => void;
  readonly capture?: Capture;
  readonly log: Logger;
}

/** An alert that is not ok. */
export interface AlertStatus {
  /** While pending, `level` is the one that is reached, and `startsAt` since when. */
  readonly alert: AlertView;
  readonly state: 'pending' | 'firing' | 'recovering';
  /** It has not been judged since a restart or a change of its rule. */
  readonly isUnverified: boolean;
}

/** An alert of any state, without what it costs to put it into words. */
export interface AlertSummary {
  readonly rule: string;
  readonly fingerprint: string;
  readonly tags: Tags;
  readonly state: AlertState;
  readonly value: number | undefined;
}

export interface EngineStatistics extends FaultCounts {
  readonly pending: number;
  readonly firing: number;
}

/** After a jump of the clock nothing is judged for this time, ms. */
const JUMP_GRACE_MS = 60_000;
const ALIVE_MS = 60_000;

export class Engine {
  readonly #options: EngineOptions;
  readonly #parts: Parts;
  readonly #book = new Book();
  readonly #clockWatch: ClockWatch;
  readonly #samples: Samples;
  readonly #passage: Passage;
  readonly #graceUntil: number;
  #settings: CompleteSettings;
  #watching: Watching;
  #restored: Restored | undefined;
  /** As of the last tick, by the clock's `elapsed`, as are the following. */
  #elapsed: number;
  #frozenUntil = -Infinity;
  #aliveAt = -Infinity;

  constructor(options: EngineOptions) {
    const { clock, store, log, onEvent, capture, rules } = options;
    const { onWaiting = () => undefined, onContext = () => undefined } = options;
    this.#options = options;
    this.#settings = withDefaults(options.settings ?? {});
    const settings = () => this.#settings;
    const faults = new Faults(clock, store, log);
    const changes = new Changes({ clock, store, settings, onEvent, onContext, onWaiting, capture, faults, log });
    this.#parts = {
      clock,
      book: this.#book,
      changes,
      faults,
      settings,
      checkClock: () => this.#checkClock(),
      onWaiting,
      frozenUntil: () => this.#frozenUntil,
    };
    this.#samples = new Samples(this.#parts);
    this.#passage = new Passage(this.#parts, this.#samples);
    this.#clockWatch = new ClockWatch(clock);
    this.#elapsed = clock.elapsed();
    this.#graceUntil = this.#elapsed + this.#settings.startupGrace;
    this.#watching = this.#watch(rules);
    this.#restored = restore({ rules, store, clock, sourceOf: (name, host) => this.#watching.source(name, host) });
    for (const instance of this.#restored.instances) this.#book.add(instance);
  }

  /** Ends what the last process left behind: alerts whose rule is gone or has changed. Called before anything else. */
  resume(): void {
    this.#finishRestore();
  }

  /** Cheap for series that no rule is about. */
  observe(metric: Metric): void {
    const series = this.#watching.get(metric.name, metric.tags);
    series.source.heardAt = this.#elapsed;
    if (series.isContext) this.#options.capture?.observe(metric);
    if (series.slots.length > 0) this.#samples.take(series, metric, this.#options.clock.elapsed());
  }

  /**
   * To be called about once a second while something waits, else as often as the rules want to know what is silent.
   *
   * @returns whether something waits
   */
  tick(): boolean {
    this.#elapsed = this.#options.clock.elapsed();
    this.#finishRestore();
    this.#checkClock();
    if (this.#elapsed < this.#frozenUntil) return true;
    let [isWaiting, isStoredWaiting] = [false, false];
    for (const instance of this.#book.all()) {
      this.#passage.tick(instance, this.#elapsed, this.#elapsed >= this.#graceUntil);
      const { status } = instance.state;
      isWaiting ||= status !== 'ok' || instance.due !== undefined;
      isStoredWaiting ||= instance.isStored && (status === 'pending' || status === 'recovering');
    }
    // Time for which the process was away counts for nothing that waits; for that it has to be known.
    if (isStoredWaiting && this.#elapsed - this.#aliveAt >= ALIVE_MS) this.#writeAlive();
    return isWaiting;
  }

  /** Alerts of rules that stay go on, those of rules that have changed are judged anew, others end. */
  reload(rules: readonly Rule[], settings: EngineSettings = this.#settings): void {
    this.#finishRestore();
    this.#settings = withDefaults(settings);
    for (const { instance, detail } of moveToRules(this.#parts, rules)) this.#passage.drop(instance, detail);
    this.#watching = this.#watch(rules, this.#watching);
  }

  /** The input knows that there is no such series any more: a disk is unmounted, a container removed. */
  removed(measurement: string, tags: Tags): void {
    for (const { rule, instance } of this.#watching.get(measurement, internTags(tags)).slots) {
      if (instance?.isDropped === false && !rule.merges) this.#passage.drop(instance, 'series_gone');
    }
  }

  /** Ends an alert, whatever its series says. A sample beyond the threshold begins a new one. */
  resolve(fingerprint: string, detail: string): void {
    const instance = this.#book.get(fingerprint);
    if (instance !== undefined) this.#passage.drop(instance, detail);
  }

  /** Pending ones too; the worst first. */
  alerts(): readonly AlertStatus[] {
    const now = this.#options.clock.now();
    const listed: AlertStatus[] = [];
    for (const instance of this.#book.all()) {
      const { status: state } = instance.state;
      if (state === 'ok') continue;
      listed.push({ alert: presentView(instance, now), state, isUnverified: instance.isStored && !instance.wasJudged });
    }
    return listed.sort((a, b) => rank(b.alert.level) - rank(a.alert.level));
  }

  windows(): readonly FillingWindow[] {
    return fillingWindows(this.#book.all());
  }

  /** Of an alert that fires or recovers. */
  view(fingerprint: string): AlertView | undefined {
    const instance = this.#book.get(fingerprint);
    if (instance === undefined || instance.shown === 'ok') return undefined;
    return presentView(instance, this.#options.clock.now());
  }

  summaries(): readonly AlertSummary[] {
    return [...this.#book.all()].map(({ rule, identity, state, value }) => {
      return { rule: rule.id, fingerprint: identity.fingerprint, tags: identity.tags, state, value };
    });
  }

  statistics(): EngineStatistics {
    let [pending, firing] = [0, 0];
    for (const { state, shown } of this.#book.all()) {
      if (shown !== 'ok') firing += 1;
      else if (state.status === 'pending') pending += 1;
    }
    return { pending, firing, ...this.#parts.faults.counts };
  }

  /** Stores what waits. Nothing ends: the next process takes it up. */
  close(): void {
    this.#finishRestore();
    this.#parts.changes.close(this.#book.all());
    if ([...this.#book.all()].some(({ isStored }) => isStored)) this.#writeAlive();
  }

  #watch(rules: readonly Rule[], known?: Watching): Watching {
    const { capture, clock } = this.#options;
    return new Watching(
      {
        rules,
        identify: identityOf,
        isContext: (measurement, tags) => capture?.wants(measurement, tags) === true,
        onError: (rule, error) => {
          this.#parts.faults.failed(rule, error);
        },
        elapsed: () => clock.elapsed(),
      },
      known,
    );
  }

  /** @returns whether it has jumped */
  #checkClock(): boolean {
    const ms = this.#clockWatch.check();
    if (ms === undefined) return false;
    this.#elapsed = this.#options.clock.elapsed();
    this.#frozenUntil = this.#elapsed + JUMP_GRACE_MS;
    this.#watching.restart(this.#elapsed);
    this.#passage.jump(ms, this.#elapsed);
    this.#options.log.warn('The clock has jumped or the machine was asleep; what was pending begins anew', { ms });
    this.#parts.faults.audit('clock_jump', { ms });
    return true;
  }

  /** What the start has found is told at the first opportunity, not while the receivers are still being made. */
  #finishRestore(): void {
    const found = this.#restored;
    if (found === undefined) return;
    this.#restored = undefined;
    const { store, log, clock } = this.#options;
    const { changes, faults } = this.#parts;
    for (const key of found.unreadable) {
      log.warn('A stored alert cannot be read and is forgotten', { key });
      faults.write(() => {
        store.collection('states').delete(key);
      });
    }
    for (const { instance, detail } of found.orphans) changes.end(instance, clock.now(), detail);
    for (const instance of found.edited) applyEdit(instance, clock.now(), clock.now(), changes);
  }

  #writeAlive(): void {
    this.#aliveAt = this.#elapsed;
    const { store, clock } = this.#options;
    this.#parts.faults.write(() => {
      store.collection('states').put(ENGINE_KEY, { aliveAt: clock.now() });
    });
  }
}
