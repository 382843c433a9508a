/** Evaluates metrics by rules, and emits an event for each change. Samples drive alerts; ticks do what time alone does. */
import { readClock, type Clock, type Instant } from '../../core/clock.ts';
import type { Logger } from '../../core/logger.ts';
import type { Metric } from '../../metric/metric.ts';
import { rank, type AlertView } from '../../plugin/notification.ts';
import type { AlertEvent } from '../alert-event.ts';
import type { Capture } from '../context/capture.ts';
import type { FillingWindow } from '../control.ts';
import type { Rule } from '../rules/rule.ts';
import { FLAP_DEFAULTS, type FlapSettings } from '../state/flapping.ts';
import type { AlertStore } from '../store/store.ts';

import { AcrossHosts, type Sender } from './across-hosts.ts';
import { isUnknown, type IsAway } from './away.ts';
import { markDeparted, removedInputs, type Origin } from './departure.ts';
import { Faults, type FaultCounts } from './faults.ts';
import type { Instance } from './instance.ts';
import { Instances } from './instances.ts';
import { applyEdit, moveToRules } from './reload.ts';
import { Samples } from './samples.ts';
import { SeriesTable } from './series.ts';
import { restore, writeAlive, type Restored } from './stored-alerts.ts';
import { afterFreeze, clockJump, dropInstance, idleTickOf, restartAll, TICK_MS, tickInstance } from './tick.ts';
import type { TickOptions } from './tick.ts';
import { Transitions } from './transitions.ts';
import {
  countAlerts,
  fillingWindows,
  presentView,
  statusOf,
  summaryOf,
  type AlertCounts,
  type AlertStatus,
  type AlertSummary,
} from './view.ts';

export interface EngineSettings {
  readonly flapping?: FlapSettings;
  /** Time after the start during which missing data does not fire, ms. Default 60 s. */
  readonly startupGrace?: number;
  /** Maximum series of one rule. Default 1000. */
  readonly maxSeriesPerRule?: number;
}

export interface EngineOptions {
  readonly rules: readonly Rule[];
  readonly settings?: EngineSettings;
  /** Undefined: alerts do not end because an input was removed or the host renamed. */
  readonly origin?: Origin | undefined;
  readonly clock: Clock;
  readonly store: AlertStore;
  /** Called within `observe`, `tick` and the other methods; what it throws is logged. */
  readonly onEvent: (event: AlertEvent) => void;
  /** The context of an alert that has fired, a moment later. */
  readonly onContext?: (fingerprint: string, context: AlertView['context']) => void;
  /** Something now waits for the next tick. */
  readonly onWaiting?: () => void;
  readonly capture?: Capture;
  /** On a hub. */
  readonly isAway?: IsAway | undefined;
  readonly log: Logger;
}

export interface EngineStatistics extends FaultCounts, AlertCounts {}

/** After a clock jump nothing is evaluated for this time, ms. */
const JUMP_GRACE_MS = 60_000;
/** A tick that is late by more than this was delayed by a freeze of the process, ms. */
const FREEZE_MS = 2000;
const ALIVE_MS = 60_000;
const STARTUP_GRACE_MS = 60_000;
const MOST_SERIES = 1000;

export class Engine {
  readonly #options: EngineOptions;
  readonly #instances = new Instances();
  readonly #faults: Faults;
  readonly #transitions: Transitions;
  readonly #samples: Samples;
  readonly #across: AcrossHosts;
  readonly #startedAt: Instant;
  #settings: EngineSettings;
  #origin: Origin | undefined;
  /** Aliases of the configured inputs; undefined if they are not known. */
  #inputs: ReadonlySet<string> | undefined;
  #series: SeriesTable;
  #restored: Restored | undefined;
  /** When the clock was last read, to notice jumps. */
  #lastRead: Instant;
  /** Time between ticks while nothing waits, ms. */
  #idleTick: number;
  /** Time until the next tick, as the last one returned it, ms. */
  #nextTick = TICK_MS;
  /** Of the last tick, by the clock's `elapsed`, as are the following. */
  #tickedAt: number;
  /** After a clock jump, until when nothing is evaluated. */
  #frozenUntil = -Infinity;
  #aliveAt = -Infinity;

  constructor(options: EngineOptions) {
    const { clock, store, log, onEvent, capture, rules } = options;
    const { onWaiting = () => undefined, onContext = () => undefined } = options;
    this.#options = options;
    this.#settings = options.settings ?? {};
    this.#lastRead = this.#startedAt = readClock(clock);
    this.#tickedAt = this.#startedAt.elapsed;
    this.#idleTick = idleTickOf(rules);
    const faults = (this.#faults = new Faults(store, log));
    this.#transitions = new Transitions({
      store,
      flapping: () => this.#settings.flapping ?? FLAP_DEFAULTS,
      onEvent,
      onContext,
      onWaiting,
      capture,
      faults,
      clock,
      log,
    });
    this.#samples = new Samples({
      instances: this.#instances,
      transitions: this.#transitions,
      faults,
      maxSeries: () => this.#settings.maxSeriesPerRule ?? MOST_SERIES,
      host: () => this.#origin?.host,
      onWaiting,
    });
    this.#across = new AcrossHosts({
      faults,
      maxGroups: () => this.#settings.maxSeriesPerRule ?? MOST_SERIES,
      source: (measurement) => this.#series.source(measurement, ''),
      take: (series, metric) => {
        this.#samples.take(series, metric, { now: this.#lastRead, input: undefined, isFrozen: false });
      },
    });
    this.#series = this.#tableFor(rules);
    this.#across.use(rules, this.#startedAt);
    const sourceOf = (measurement: string, host: string) => this.#series.source(measurement, host);
    this.#restored = restore({ rules, store, sourceOf, now: this.#startedAt });
    for (const instance of this.#restored.instances) this.#instances.add(instance);
    this.#setOrigin(options.origin, this.#startedAt);
  }

  /** Ends restored alerts whose rule was removed or edited. Called before anything else. */
  resume(): void {
    this.#finishRestore(this.#readClock());
  }

  /**
   * Cheap for a series that no rule matches.
   *
   * @param input alias of the input that reported it; undefined if that is not known, as behind an aggregating processor.
   *   Ignored if the input is not configured (any more).
   */
  observe(metric: Metric, input?: string): void {
    if (input !== undefined && this.#inputs?.has(input) === false) return;
    this.#observeAcross(metric, undefined);
    const series = this.#series.get(metric.name, metric.tags);
    series.source.heardAt = this.#tickedAt;
    if (series.isContext) this.#options.capture?.observe(metric);
    if (series.slots.length === 0) return;
    const now = this.#readClock();
    this.#samples.take(series, metric, { now, input, isFrozen: now.elapsed < this.#frozenUntil });
  }

  /** Takes a metric that another host has sent and judged: only rules across hosts see it. */
  observeMember(metric: Metric, sender: Sender): void {
    this.#observeAcross(metric, sender);
  }

  /**
   * Does what is due by time alone.
   *
   * @returns milliseconds until the next call: a second while something waits, otherwise what rules need to notice silence
   */
  tick(): number {
    const now = this.#readClock();
    const late = now.elapsed - this.#tickedAt - this.#nextTick;
    this.#tickedAt = now.elapsed;
    if (late > FREEZE_MS) this.#thaw(late, now);
    this.#finishRestore(now);
    if (now.elapsed >= this.#frozenUntil) this.#across.judge(now);
    this.#nextTick = this.#tickAll(now) ? TICK_MS : this.#idleTick;
    return this.#nextTick;
  }

  /**
   * Alerts of rules that stay the same go on, those of edited rules start with empty windows, others end. Alerts whose input
   * was removed or whose host was renamed end a little later, unless they are still reported.
   */
  reload(rules: readonly Rule[], settings = this.#settings, origin = this.#origin): void {
    const now = this.#readClock();
    this.#finishRestore(now);
    this.#settings = settings;
    this.#idleTick = idleTickOf(rules);
    for (const { instance, detail } of moveToRules(this.#parts, rules, now)) {
      dropInstance(this.#parts, instance, detail, now);
    }
    this.#series = this.#tableFor(rules, this.#series);
    this.#across.use(rules, now);
    this.#setOrigin(origin, now);
  }

  /** Ends an alert, whatever its series says. A sample beyond the threshold begins a new one. */
  resolve(fingerprint: string, detail: string): void {
    const instance = this.#instances.get(fingerprint);
    if (instance !== undefined) dropInstance(this.#parts, instance, detail, this.#readClock());
  }

  /** Includes pending alerts; the most severe first. */
  alerts(): readonly AlertStatus[] {
    const { clock } = this.#options;
    const [now, elapsed] = [clock.now(), clock.elapsed()];
    const listed = [...this.#instances.all()].flatMap((instance) => {
      const status = statusOf(instance, now);
      return status === undefined ? [] : [{ ...status, isUnknown: isUnknown(instance, elapsed, this.#isAway) }];
    });
    return listed.sort((a, b) => rank(b.alert.level) - rank(a.alert.level));
  }

  /** Alerts of a host that fire, as far as is known. */
  unknownOf(host: string): number {
    const elapsed = this.#options.clock.elapsed();
    const isFound = (instance: Instance) =>
      instance.identity.host === host && instance.shown !== 'ok' && isUnknown(instance, elapsed, this.#isAway);
    return [...this.#instances.all()].filter(isFound).length;
  }

  /** The hub has forgotten a host: what is unknown of it ends.  */
  forgetHost(host: string): void {
    const now = this.#readClock();
    for (const instance of [...this.#instances.all()]) {
      if (instance.identity.host === host && isUnknown(instance, now.elapsed, () => true))
        dropInstance(this.#parts, instance, 'host_forgotten', now);
    }
  }

  windows(): readonly FillingWindow[] {
    return fillingWindows(this.#instances.all(), this.#options.clock.now());
  }

  /** Of an alert that fires or recovers. */
  view(fingerprint: string): AlertView | undefined {
    const instance = this.#instances.get(fingerprint);
    if (instance === undefined || instance.shown === 'ok') return undefined;
    return presentView(instance, this.#options.clock.now());
  }

  summaries(): readonly AlertSummary[] {
    return [...this.#instances.all()].map(summaryOf);
  }

  statistics(): EngineStatistics {
    return { ...countAlerts(this.#instances.all()), ...this.#faults.counts };
  }

  /** Stores what waits. No alert ends: the next process continues them. */
  close(): void {
    const now = this.#readClock();
    this.#finishRestore(now);
    this.#transitions.saveAll(this.#instances.all(), now);
    if ([...this.#instances.all()].some(({ isStored }) => isStored)) this.#writeAlive(now);
  }

  /** Ticks all alerts. @returns whether something waits */
  #tickAll(now: Instant): boolean {
    if (now.elapsed < this.#frozenUntil) return true;
    const { startupGrace = STARTUP_GRACE_MS } = this.#settings;
    const canMiss = now.elapsed - this.#startedAt.elapsed >= startupGrace;
    let [isWaiting, isStoredWaiting] = [false, false];
    for (const instance of this.#instances.all()) {
      tickInstance(this.#parts, instance, now, canMiss);
      const { status } = instance.state;
      isWaiting ||= status !== 'ok' || instance.due !== undefined;
      isStoredWaiting ||= instance.isStored && (status === 'pending' || status === 'recovering');
    }
    // Downtime does not count for what waits, so it must be known.
    if (isStoredWaiting && now.elapsed - this.#aliveAt >= ALIVE_MS) this.#writeAlive(now);
    return isWaiting;
  }

  #observeAcross(metric: Metric, sender: Sender | undefined): void {
    if (this.#across.wants(metric.name)) this.#across.observe(metric, sender, this.#readClock());
  }

  get #isAway(): IsAway {
    return this.#options.isAway ?? (() => false);
  }

  get #parts(): TickOptions {
    return {
      instances: this.#instances,
      transitions: this.#transitions,
      samples: this.#samples,
      faults: this.#faults,
      isAway: this.#isAway,
    };
  }

  #tableFor(rules: readonly Rule[], previous?: SeriesTable): SeriesTable {
    const { capture, clock } = this.#options;
    return new SeriesTable(
      {
        rules,
        isContext: (measurement, tags) => capture?.wants(measurement, tags) === true,
        onError: (rule, error) => {
          this.#faults.failed(rule, error, readClock(clock));
        },
        elapsed: () => clock.elapsed(),
      },
      previous,
    );
  }

  /** Everything that waits starts over if the clock has jumped. */
  #readClock(): Instant {
    const now = readClock(this.#options.clock);
    const jump = clockJump(this.#lastRead, now);
    // Slow corrections are followed, so that they never add up to a jump.
    this.#lastRead = now;
    if (jump === undefined) return now;
    this.#tickedAt = now.elapsed;
    this.#frozenUntil = now.elapsed + JUMP_GRACE_MS;
    this.#series.restart(now.elapsed);
    restartAll(this.#parts, jump, now);
    this.#across.restart(now);
    this.#options.log.warn('The clock has jumped or the machine was suspended; pending alerts start over', {
      ms: jump,
    });
    this.#faults.audit('clock_jump', { ms: jump }, now);
    return now;
  }

  #setOrigin(origin: Origin | undefined, now: Instant): void {
    const before = this.#origin;
    this.#origin = origin;
    if (origin === undefined) return;
    this.#inputs = new Set(origin.inputs.map(({ alias }) => alias));
    const removed = removedInputs(before, origin);
    for (const instance of this.#instances.all()) markDeparted(instance, origin, removed, now.elapsed);
  }

  /** The process was stopped or starved for `late` ms: what was silent meanwhile is not missing. */
  #thaw(late: number, now: Instant): void {
    this.#series.postpone(late);
    this.#across.postpone(late);
    for (const instance of this.#instances.all()) afterFreeze(instance, late, now);
  }

  /** Not in the constructor, since receivers are not ready then. */
  #finishRestore(now: Instant): void {
    const found = this.#restored;
    if (found === undefined) return;
    this.#restored = undefined;
    const { store, log } = this.#options;
    for (const key of found.unreadable) {
      log.warn('A stored alert is invalid and was deleted', { key });
      this.#faults.write(() => {
        store.collection('states').delete(key);
      }, now);
    }
    for (const { instance, detail } of found.orphans) this.#transitions.end(instance, detail, now);
    for (const instance of found.edited) applyEdit(this.#transitions, instance, now.wall, now);
  }

  #writeAlive(now: Instant): void {
    this.#aliveAt = now.elapsed;
    this.#faults.write(() => {
      writeAlive(this.#options.store, now);
    }, now);
  }
}
